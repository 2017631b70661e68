// Package scanning asks ClamAV's daemon about content.
//
// Invariant: content is clean only when clamd has taken all of it and said so;
// no other answer, and no missing one, means clean.
//
// Failure: Unavailable when clamd is down, slow, refuses or is not understood;
// TooLarge when the content is more than it takes. What reading the content
// fails with is passed on.
//
// The protocol is clamd(8)'s, "COMMANDS": commands and answers end with a NUL;
// after INSTREAM each chunk has its length before it, in four bytes, network
// order, and a chunk of length zero ends the stream. For what exceeds its own
// limits inside archives clamd answers OK unless its configuration has
// AlertExceedsMax yes.
package scanning

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"senddigitally/backend/transfer"
)

// Clamd is a client of one clamd.
type Clamd struct {
	Network  string // "tcp" or "unix"
	Address  string
	Patience time.Duration // for each answer and each chunk
	Largest  int64         // bytes of one content: clamd's StreamMaxLength; 0 for no limit of ours
}

// New makes a client from an address: "host:port", or the path of a socket.
func New(address string) *Clamd {
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	return &Clamd{Network: network, Address: address, Patience: 2 * time.Minute}
}

// Scan reads r, size bytes in all, to its end and answers the name of the malware
// that clamd found in it; "" says that it is clean.
func (c *Clamd) Scan(ctx context.Context, r io.Reader, size int64) (found string, err error) {
	if c.Largest > 0 && size > c.Largest {
		return "", tooLarge(errors.New("above the configured length"))
	}
	conn, err := c.ask(ctx, "zINSTREAM\x00")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.stream(r); err != nil {
		return "", err
	}
	answer, err := conn.answer()
	if err != nil {
		return "", down(err)
	}
	return verdict(answer)
}

// Signatures names clamd's version and that of the signatures it has loaded:
// "ClamAV 1.4.3/27500/Mon Jan  5 09:24:37 2026" (clamd(8), VERSION).
func (c *Clamd) Signatures(ctx context.Context) (string, error) {
	conn, err := c.ask(ctx, "zVERSION\x00")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	answer, err := conn.answer()
	if err != nil {
		return "", down(err)
	}
	if !strings.HasPrefix(answer, "ClamAV ") {
		return "", down(errors.New("what answers is not clamd"))
	}
	return plain(answer), nil
}

// Dated reports whether Signatures' answer has the version of the signatures: a
// clamd that has loaded none of freshclam's names its own only.
func (c *Clamd) Dated(signatures string) bool { return strings.Contains(signatures, "/") }

// chunk is how much goes to clamd at once, in bytes.
const chunk = 256 << 10

// connection is one command's.
type connection struct {
	net.Conn
	patience time.Duration
	release  func() bool
}

func (c *Clamd) ask(ctx context.Context, command string) (connection, error) {
	dialer := net.Dialer{Timeout: c.Patience}
	conn, err := dialer.DialContext(ctx, c.Network, c.Address)
	if err != nil {
		return connection{}, down(err)
	}
	asked := connection{conn, c.Patience, context.AfterFunc(ctx, func() { conn.Close() })}
	if err := asked.send([]byte(command)); err != nil {
		asked.Close()
		return connection{}, down(err)
	}
	return asked, nil
}

// Close ends the connection.
func (c connection) Close() error {
	c.release()
	return c.Conn.Close()
}

// stream sends all of r. What clamd does not take is explained by its answer.
func (c connection) stream(r io.Reader) error {
	framed := make([]byte, 4+chunk)
	for {
		n, err := r.Read(framed[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(framed, uint32(n))
			if err := c.send(framed[:4+n]); err != nil {
				return c.refused(err)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := c.send(make([]byte, 4)); err != nil {
		return c.refused(err)
	}
	return nil
}

func (c connection) send(b []byte) error {
	_ = c.SetDeadline(time.Now().Add(c.patience))
	_, err := c.Write(b)
	return err
}

func (c connection) refused(cause error) error {
	answer, err := c.answer()
	if err != nil {
		return down(cause)
	}
	if _, err := verdict(answer); err != nil {
		return err
	}
	return down(cause) // it spoke before it had heard everything
}

// longest is the longest answer that is read, in bytes.
const longest = 4 << 10

// answer reads up to the NUL that ends it; without one it is not an answer.
func (c connection) answer() (string, error) {
	_ = c.SetDeadline(time.Now().Add(c.patience))
	line, err := bufio.NewReader(io.LimitReader(c, longest)).ReadString(0)
	return strings.TrimSuffix(line, "\x00"), err
}

// verdict reads the answer to INSTREAM: "stream: OK", "stream: NAME FOUND", or
// anything else, which is an error. That a limit was exceeded is reported like
// malware with AlertExceedsMax, by this name (clamd.conf(5)).
func verdict(answer string) (found string, err error) {
	const limits = "Heuristics.Limits.Exceeded"
	if answer == "stream: OK" {
		return "", nil
	}
	if strings.HasPrefix(answer, "INSTREAM size limit exceeded") {
		return "", tooLarge(errors.New(answer))
	}
	name, is := strings.CutSuffix(answer, " FOUND")
	name, of := strings.CutPrefix(name, "stream: ")
	switch {
	case !is || !of || name == "":
		return "", down(errors.New(plain(answer)))
	case strings.HasPrefix(name, limits):
		return "", tooLarge(errors.New(plain(name)))
	case name != plain(name) || strings.Contains(name, " "):
		return "unnamed", nil // it is something all the same
	}
	return name, nil
}

// plain is a text from outside as it may stand in a journal, a log or a page: at
// most 120 printable characters of ASCII.
func plain(s string) string {
	const most = 120
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s[:min(len(s), most)])
}

func down(cause error) error {
	return transfer.Wrap(transfer.Unavailable, "files cannot be checked for malware at the moment", cause)
}

func tooLarge(cause error) error {
	return transfer.Wrap(transfer.TooLarge, "the file is too large to be checked for malware", cause)
}
