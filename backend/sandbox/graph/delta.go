package graph

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"senddigitally/backend/sandbox/mail"
)

// delta answers what has changed in a folder, in pages of ten unless the client prefers
// another odata.maxpagesize, and ends with a delta link (Microsoft Learn, "message:
// delta"). A token that cannot be read is answered with 410: start again.
func (c *call) delta() error {
	query := c.r.URL.Query()
	o, err := parseOptions(query)
	if err != nil {
		return err
	}
	if token := query.Get("$skiptoken"); token != "" {
		return c.deltaPage(token)
	}
	since, err := sinceOf(query.Get("$deltatoken"))
	if err != nil {
		return err
	}
	present, gone, next, err := c.store.Delta(c.mailbox.Address, c.r.PathValue("folder"), since)
	if err != nil {
		return err
	}
	var all []any
	for _, m := range present {
		all = append(all, c.message(m, o))
	}
	for _, g := range gone {
		all = append(all, map[string]any{"id": c.goneID(g), "@removed": map[string]any{"reason": "deleted"}})
	}
	return c.deltaAnswer(all, fmt.Sprint(next))
}

func (c *call) deltaPage(token string) error {
	c.mu.Lock()
	rest, known := c.deltas[token]
	c.mu.Unlock()
	_, next, _ := strings.Cut(token, ".")
	if !known {
		return syncStateGone()
	}
	return c.deltaAnswer(rest, next)
}

// deltaAnswer answers one page and keeps the rest for the next.
func (c *call) deltaAnswer(all []any, next string) error {
	size := c.pageSize()
	answer := map[string]any{"value": append([]any{}, all[:min(size, len(all))]...)}
	if len(all) <= size {
		answer["@odata.deltaLink"] = c.link(url.Values{"$deltatoken": {next}})
		return c.answer(http.StatusOK, answer)
	}
	token := newToken() + "." + next
	c.mu.Lock()
	c.deltas[token] = all[size:]
	c.mu.Unlock()
	answer["@odata.nextLink"] = c.link(url.Values{"$skiptoken": {token}})
	return c.answer(http.StatusOK, answer)
}

func (c *call) pageSize() int {
	for _, p := range c.r.Header.Values("Prefer") {
		if _, text, found := strings.Cut(p, "odata.maxpagesize="); found {
			if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n > 0 {
				return n
			}
		}
	}
	return 10
}

func (c *call) goneID(g mail.Change) string {
	if c.immutable {
		return g.ImmutableID
	}
	return g.ID
}

func sinceOf(token string) (int64, error) {
	if token == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(token, 10, 64)
	if err != nil || n < 0 {
		return 0, syncStateGone()
	}
	return n, nil
}

func syncStateGone() *mail.Error {
	return mail.Refuse(http.StatusGone, "SyncStateNotFound", "The sync state generation is not found; start again.")
}
