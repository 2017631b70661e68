package onetime

import (
	"context"
	"encoding/json"
	"time"

	"senddigitally/backend/transfer"
)

const field = "asked"

// kept is how what was asked is written.
type kept struct {
	Nonce string    `json:"n"`
	At    time.Time `json:"a"`
	Until time.Time `json:"u"`
}

func (c *Codes) name(d *transfer.Dossier, r transfer.RecipientID, browser string) string {
	return c.Namer.Hash("one-time code", string(d.Manifest.Tenant), string(d.Manifest.ID), string(r), browser)
}

func (c *Codes) keep(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser string, a asked) error {
	value, err := json.Marshal(kept{a.nonce, a.at, a.until})
	if err != nil {
		return err
	}
	return c.Store.CreateSession(ctx, c.name(d, r, browser), map[string][]byte{field: value}, max(0, a.until.Sub(c.Clock())))
}

// asked is nothing when the browser has not asked, or too long ago.
func (c *Codes) asked(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser string) (asked, error) {
	if browser == "" {
		return asked{}, nil
	}
	values, err := c.Store.Session(ctx, c.name(d, r, browser))
	if transfer.CodeOf(err) == transfer.NotFound {
		return asked{}, nil
	}
	if err != nil {
		return asked{}, err
	}
	var k kept
	if err := json.Unmarshal(values[field], &k); err != nil {
		return asked{}, transfer.Wrap(transfer.Integrity, "what was kept of a code cannot be read", err)
	}
	return asked{k.Nonce, k.At, k.Until}, nil
}
