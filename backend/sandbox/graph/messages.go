package graph

import (
	"net/http"
	"slices"
	"strings"

	"senddigitally/backend/sandbox/mail"
)

func (c *call) getUser() error {
	o, err := parseOptions(c.r.URL.Query())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, user(c.mailbox, o))
}

func (c *call) getMessage() error {
	o, err := parseOptions(c.r.URL.Query())
	if err != nil {
		return err
	}
	m, err := c.store.Message(c.mailbox.Address, c.r.PathValue("message"))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, c.message(m, o))
}

func (c *call) createMessage() error {
	var in incoming
	if err := c.decode(&in); err != nil {
		return err
	}
	settings := c.store.Settings()
	if err := in.check(settings); err != nil {
		return err
	}
	var draft mail.Message
	if err := in.apply(&draft, settings); err != nil {
		return err
	}
	m, err := c.store.CreateDraft(c.mailbox.Address, c.r.PathValue("folder"), draft)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, c.message(m, options{}))
}

// updateMessage takes neither headers nor attachments: they are not in the table of
// updatable properties (Microsoft Learn, "Update message").
func (c *call) updateMessage() error {
	var in incoming
	if err := c.decode(&in); err != nil {
		return err
	}
	settings := c.store.Settings()
	if err := in.check(settings); err != nil {
		return err
	}
	if in.has("internetMessageHeaders") || in.has("attachments") {
		return mail.Refuse(http.StatusBadRequest, "ErrorInvalidPropertySet", "Set action is invalid for property.")
	}
	m, err := c.store.Update(c.mailbox.Address, c.r.PathValue("message"), func(m *mail.Message) error {
		return in.apply(m, settings)
	})
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, c.message(m, options{}))
}

func (c *call) deleteMessage() error {
	if err := c.store.Delete(c.mailbox.Address, c.r.PathValue("message")); err != nil {
		return err
	}
	return c.nothing(http.StatusNoContent)
}

func (c *call) sendMessage() error {
	if err := c.store.Send(c.mailbox.Address, c.r.PathValue("message")); err != nil {
		return err
	}
	return c.nothing(http.StatusAccepted)
}

func (c *call) moveMessage() error { return c.relocate(c.store.Move) }

func (c *call) copyMessage() error { return c.relocate(c.store.Copy) }

func (c *call) relocate(act func(mailbox, id, folder string) (mail.Message, error)) error {
	var in struct {
		DestinationID string `json:"destinationId"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	m, err := act(c.mailbox.Address, c.r.PathValue("message"), in.DestinationID)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, c.message(m, options{}))
}

func (c *call) getMIME() error {
	m, err := c.store.Message(c.mailbox.Address, c.r.PathValue("message"))
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/plain")
	return ignoreBrokenPipe(mail.WriteMIME(c.w, m))
}

// listMessages answers a page, ten at a time unless $top says otherwise, up to 1,000
// (Microsoft Learn, "List messages").
func (c *call) listMessages() error {
	query := c.r.URL.Query()
	o, err := parseOptions(query)
	if err != nil {
		return err
	}
	all, err := c.find(o)
	if err != nil {
		return err
	}
	size := o.top
	if size < 0 {
		size = 10
	}
	if size == 0 || size > 1000 {
		return mail.Refuse(http.StatusBadRequest, "ErrorInvalidUrlQuery", "$top has to lie between 1 and 1000.")
	}
	start := min(max(o.skip, 0), len(all))
	end := min(start+size, len(all))
	list := []any{}
	for _, m := range all[start:end] {
		list = append(list, c.message(m, o))
	}
	answer := map[string]any{"value": list}
	if o.count {
		answer["@odata.count"] = len(all)
	}
	if end < len(all) {
		answer["@odata.nextLink"] = c.link(page(query, end))
	}
	return c.answer(http.StatusOK, answer)
}

// find answers all messages that the options ask for, in their order.
func (c *call) find(o options) ([]mail.Message, error) {
	var match predicate
	var used []string
	if o.filterText != "" {
		var err error
		if match, used, err = filter(o.filterText); err != nil {
			return nil, err
		}
	}
	order, err := ordering(o.orderBy, used)
	if err != nil {
		return nil, err
	}
	all, err := c.store.Messages(c.mailbox.Address, c.r.PathValue("folder"), match)
	if err == nil && order != nil {
		slices.SortStableFunc(all, order)
	}
	return all, err
}

// ordering compiles $orderby. Together with $filter, a property may only order when it
// filters too (Microsoft Learn, "List messages": using filter and orderby in the same
// query).
func ordering(text string, filtered []string) (func(a, b mail.Message) int, error) {
	if text == "" {
		return nil, nil
	}
	name, direction, _ := strings.Cut(strings.TrimSpace(text), " ")
	value, known := filterable[strings.ToLower(name)]
	if !known {
		return nil, mail.Refuse(http.StatusBadRequest, "ErrorInvalidUrlQuery", "The property cannot be used in $orderby.")
	}
	if len(filtered) > 0 && !slices.Contains(filtered, strings.ToLower(name)) {
		return nil, mail.Refuse(http.StatusBadRequest, "InefficientFilter", "The restriction or sort order is too complex for this operation.")
	}
	return func(a, b mail.Message) int {
		order, _ := compare(value(&a), value(&b))
		if strings.EqualFold(strings.TrimSpace(direction), "desc") {
			return -order
		}
		return order
	}, nil
}
