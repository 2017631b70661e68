// Package onetime proves who opens a link by a code that is made for this one
// opening and brought to the recipient: by text message, or by mail where the
// policy accepts that this is no second channel.
//
// Invariant: a code opens in the browser that asked for it and in no other, for
// Life at most. What is kept of it is a random number that says nothing without
// the data key and the browser's secret. Asking changes nothing about the link:
// whoever asks elsewhere, a scanner too, takes no code away from the recipient,
// and cannot have her mailed or texted as often as it likes. Only who goes on until
// a day's codes are used up is noted, once, for the sender.
//
// Failure: when a code cannot be brought there is none, and the error says so;
// without the ledger nothing is sent and nothing is right.
package onetime

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
)

// Courier brings a code to a recipient.
type Courier interface {
	// Address is where it goes; "" when the recipient has none of the kind.
	Address(to transfer.Recipient) string
	Bring(ctx context.Context, d *transfer.Dossier, to transfer.Recipient, code string, until time.Time) error
}

// Store keeps what was asked for a while, under a keyed hash.
type Store interface {
	CreateSession(ctx context.Context, hash string, values map[string][]byte, ttl time.Duration) error
	Session(ctx context.Context, hash string) (map[string][]byte, error)
}

// Archive journals what the sender hears of.
type Archive interface {
	Tell(ctx context.Context, d *transfer.Dossier, decide func(transfer.State) (transfer.Entry, error)) error
}

// Limits slows down who asks too often.
type Limits interface {
	Allow(ctx context.Context, key string, limit int, per time.Duration) (ok bool, wait time.Duration, err error)
}

// Codes is one way of proving: codes that one courier brings.
type Codes struct {
	Courier Courier
	Store   Store
	Archive Archive
	Limits  Limits
	Namer   transfer.Namer
	Clock   func() time.Time
	Log     *slog.Logger
}

const (
	// Life is how long a code is valid: what NIST SP 800-63B, 5.1.3.2 allows.
	Life = 10 * time.Minute
	// Pause is how long a browser waits before it may ask again.
	Pause = time.Minute
	// Digits of a code. Guessed against the lock-out of a link, which lets some 500
	// tries through in a day, eight are found in a month once in 6,000 times; six
	// would be once in 60.
	Digits = 8
	// The codes that one link, and one telephone or mailbox, may get in an hour and
	// in a day. A limit lets as many through at once, and as many again in its time:
	// one link sends 19 texts on the first day, and ten on each day after. One link
	// alone never uses up what the address may get, so that her others still open.
	perLink, perAddress       = 5, 10
	linkPerDay, addressPerDay = 10, 30
	// doubleClick is how long a code goes on to open after it has opened: the
	// browser shows the answer to the last press only.
	doubleClick = 30 * time.Second
)

// asked is what is kept of a code.
type asked struct {
	nonce string
	at    time.Time
	until time.Time
}

// Begin makes a code for a browser and has it brought. Within the first half of
// its life the same code is brought again, so that the order in which messages
// arrive does not matter.
func (c *Codes) Begin(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser string) (opening.Step, error) {
	to, _ := d.Manifest.Recipient(r)
	address := c.Courier.Address(to)
	if address == "" {
		return opening.Step{}, transfer.E(transfer.PhoneMissing, "there is nowhere to send a code to")
	}
	before, err := c.asked(ctx, d, r, browser)
	if err != nil {
		return opening.Step{}, err
	}
	if err := c.slow(ctx, d, r, browser, address); err != nil {
		return before.step(), err
	}
	now := c.Clock()
	next := asked{nonce: before.nonce, at: now, until: before.until}
	if before.until.Sub(now) < Life/2 {
		next.nonce, next.until = rand.Text(), now.Add(Life)
	}
	if err := c.keep(ctx, d, r, browser, next); err != nil { // first, so that a second press finds it
		return opening.Step{}, err
	}
	if err := c.Courier.Bring(ctx, d, to, code(d, r, browser, next.nonce), next.until); err != nil {
		return before.step(), errors.Join(err, c.keep(ctx, d, r, browser, before))
	}
	return next.step(), nil
}

// Begun is what a browser has asked for; the zero Step is nothing.
func (c *Codes) Begun(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser string) (opening.Step, error) {
	before, err := c.asked(ctx, d, r, browser)
	return before.step(), err
}

// Proven compares what was typed with the code that this browser asked for, in
// constant time.
func (c *Codes) Proven(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser, typed string) (bool, error) {
	before, err := c.asked(ctx, d, r, browser)
	if err != nil || before.nonce == "" {
		return false, err
	}
	right := code(d, r, browser, before.nonce)
	if subtle.ConstantTimeCompare([]byte(right), []byte(digits(typed))) != 1 {
		return false, nil
	}
	if soon := c.Clock().Add(doubleClick); soon.Before(before.until) {
		before.until = soon
	}
	return true, c.keep(ctx, d, r, browser, before)
}

// slow counts a code against all that limits how many are sent. A new link is
// counted anew, so that it helps whoever was kept out of the old one.
func (c *Codes) slow(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser, address string) error {
	tenant := string(d.Manifest.Tenant)
	link := c.Namer.Hash("codes of a link", tenant, string(d.Manifest.ID), string(r), strconv.Itoa(d.State.Recipients[r].Generation))
	to := c.Namer.Hash("codes to an address", tenant, address)
	for _, rate := range []struct {
		of    string
		limit int
		per   time.Duration
		tells bool // the sender, when it is reached
	}{
		{c.name(d, r, browser), 1, Pause, false},
		{link, perLink, time.Hour, false},
		{link + "/day", linkPerDay, 24 * time.Hour, true},
		{to, perAddress, time.Hour, false},
		{to + "/day", addressPerDay, 24 * time.Hour, false},
	} {
		ok, wait, err := c.Limits.Allow(ctx, "send-code/"+rate.of, rate.limit, rate.per)
		if err != nil {
			return err
		}
		if ok {
			continue
		}
		if rate.tells {
			c.tell(ctx, d, r)
		}
		return tooSoon(wait)
	}
	return nil
}

// tell lets the sender know, once, that a link is kept from opening, as of a
// lock-out. The limit stands without it.
func (c *Codes) tell(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID) {
	told := func(s transfer.State) bool {
		return slices.ContainsFunc(s.News, func(n transfer.News) bool { return n.Kind == transfer.Locked && n.Recipient == r })
	}
	if told(d.State) {
		return
	}
	err := c.Archive.Tell(ctx, d, func(s transfer.State) (transfer.Entry, error) {
		if told(s) {
			return transfer.Entry{}, nil
		}
		return transfer.Entry{Kind: transfer.Locked, Recipient: r}, nil
	})
	if err != nil {
		c.Log.Warn("the sender is not told that a link's codes are used up", "transfer", d.Manifest.ID, "cause", err)
	}
}

func tooSoon(wait time.Duration) error {
	minutes := int((wait + time.Minute - 1) / time.Minute)
	return transfer.E(transfer.RateLimited, "a code was sent already").With("minutes", strconv.Itoa(max(1, minutes)))
}

// code is what one number means to one browser at one link.
func code(d *transfer.Dossier, r transfer.RecipientID, browser, nonce string) string {
	seed := d.Key.Derive("one-time code", string(d.Manifest.ID), string(r), browser, nonce)
	const modulus = 100_000_000 // 10^Digits, against 2^64: no measurable bias
	return fmt.Sprintf("%0*d", Digits, binary.BigEndian.Uint64(seed)%modulus)
}

// digits are those of what was typed or pasted, a few too many at the most.
func digits(typed string) string {
	var out []byte
	for i := 0; i < len(typed) && len(out) <= Digits; i++ {
		if typed[i] >= '0' && typed[i] <= '9' {
			out = append(out, typed[i])
		}
	}
	return string(out)
}

func (a asked) step() opening.Step {
	if a.nonce == "" {
		return opening.Step{}
	}
	return opening.Step{Until: a.until, Again: a.at.Add(Pause)}
}
