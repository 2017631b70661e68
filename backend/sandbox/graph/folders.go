package graph

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"senddigitally/backend/sandbox/mail"
)

func (c *call) getFolder() error {
	o, err := parseOptions(c.r.URL.Query())
	if err != nil {
		return err
	}
	f, err := c.store.Folder(c.mailbox.Address, c.r.PathValue("folder"))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, c.folder(f, o))
}

// listFolders answers the top folders, or the children of one, ten at a time. $filter
// compares displayName (Microsoft Learn, "List mailFolders").
func (c *call) listFolders() error {
	query := c.r.URL.Query()
	o, err := parseOptions(query)
	if err != nil {
		return err
	}
	folders, err := c.store.Folders(c.mailbox.Address, c.parent())
	if err != nil {
		return err
	}
	wanted, filtered, err := folderName(o.filterText)
	if err != nil {
		return err
	}
	all := []any{}
	for _, f := range folders {
		if !filtered || strings.EqualFold(f.Name, wanted) {
			all = append(all, c.folder(f, o))
		}
	}
	size := 10
	if o.top > 0 {
		size = o.top
	}
	start := min(max(o.skip, 0), len(all))
	end := min(start+size, len(all))
	answer := map[string]any{"value": all[start:end]}
	if end < len(all) {
		answer["@odata.nextLink"] = c.link(page(query, end))
	}
	return c.answer(http.StatusOK, answer)
}

func (c *call) createFolder() error {
	var in struct {
		DisplayName string `json:"displayName"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	f, err := c.store.CreateFolder(c.mailbox.Address, c.parent(), in.DisplayName)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, c.folder(f, options{}))
}

func (c *call) parent() string { return cmp.Or(c.r.PathValue("folder"), mail.Root) }

// folderName reads displayName eq 'x'.
func folderName(text string) (name string, filtered bool, err error) {
	if text == "" {
		return "", false, nil
	}
	p := &parser{tokens: tokenPattern.FindAllString(text, -1)}
	p.expect("displayName", "eq")
	name = p.text()
	if p.failed || len(p.tokens) > 0 {
		return "", false, invalidFilter()
	}
	return name, true, nil
}

// page is the query of the page that starts at skip.
func page(query url.Values, skip int) url.Values {
	next := url.Values{}
	for name, values := range query {
		next[name] = values
	}
	next.Set("$skip", fmt.Sprint(skip))
	return next
}
