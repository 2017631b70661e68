// Package scanning has content looked at by ClamAV's daemon while it passes.
//
// Invariant: whoever reads to the end has been told by clamd that all of it is
// clean; the end of the stream is withheld until then. What clamd finds, cannot
// take whole or does not answer for is an error instead of the end: it fails
// closed.
//
// Failure: Infected for what was found; Unavailable when clamd is down, slow or
// refuses the size, so that nothing is accepted unseen.
//
// The protocol is INSTREAM (clamd(8), "COMMANDS"): each chunk has its length
// before it, in four bytes, network order; a chunk of length zero ends it. For
// what exceeds its own limits inside archives clamd answers OK unless its
// configuration has AlertExceedsMax yes.
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
}

// New makes a client from an address: "host:port", or the path of a socket.
func New(address string) *Clamd {
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	return &Clamd{Network: network, Address: address, Patience: 2 * time.Minute}
}

// Stream passes r on while clamd looks at it. Close it whatever comes of it.
func (c *Clamd) Stream(ctx context.Context, r io.Reader) io.ReadCloser {
	return &stream{clamd: c, ctx: ctx, r: r}
}

// Scan reads r to its end and answers what clamd says of it.
func (c *Clamd) Scan(ctx context.Context, r io.Reader) error {
	s := c.Stream(ctx, r)
	defer s.Close()
	_, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, s, make([]byte, chunk))
	return err
}

// chunk is how much goes to clamd at once, in bytes.
const chunk = 256 << 10

type stream struct {
	clamd *Clamd
	ctx   context.Context
	r     io.Reader
	conn  net.Conn
	ended error // what every further Read answers
}

func (s *stream) Read(b []byte) (int, error) {
	if s.ended != nil {
		return 0, s.ended
	}
	if s.conn == nil {
		if s.ended = s.open(); s.ended != nil {
			return 0, s.ended
		}
	}
	n, err := s.r.Read(b[:min(len(b), chunk)])
	if n > 0 {
		if failed := s.send(b[:n]); failed != nil {
			s.ended = failed
			return 0, failed
		}
	}
	if err == io.EOF {
		err = s.verdict()
	}
	s.ended = err
	return n, err
}

func (s *stream) open() error {
	dialer := net.Dialer{Timeout: s.clamd.Patience}
	conn, err := dialer.DialContext(s.ctx, s.clamd.Network, s.clamd.Address)
	if err != nil {
		return down(err)
	}
	s.conn = conn
	_ = conn.SetDeadline(time.Now().Add(s.clamd.Patience))
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return down(err)
	}
	return nil
}

// send gives clamd a chunk. One that it does not take is explained by its answer.
func (s *stream) send(b []byte) error {
	_ = s.conn.SetDeadline(time.Now().Add(s.clamd.Patience))
	if _, err := s.conn.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b)))); err != nil {
		return s.refused(err)
	}
	if _, err := s.conn.Write(b); err != nil {
		return s.refused(err)
	}
	return nil
}

func (s *stream) refused(cause error) error {
	if answer, err := s.answer(); err == nil {
		cause = errors.New(answer)
	}
	return down(cause)
}

// verdict is io.EOF when all is clean.
func (s *stream) verdict() error {
	_ = s.conn.SetDeadline(time.Now().Add(s.clamd.Patience))
	if _, err := s.conn.Write(make([]byte, 4)); err != nil {
		return s.refused(err)
	}
	answer, err := s.answer()
	switch {
	case err != nil:
		return down(err)
	case answer == "stream: OK":
		return io.EOF
	case strings.HasSuffix(answer, " FOUND"):
		return transfer.Wrap(transfer.Infected, "the file contains malware", errors.New(answer))
	}
	return down(errors.New(answer))
}

func (s *stream) answer() (string, error) {
	const longest = 4 << 10
	line, err := bufio.NewReader(io.LimitReader(s.conn, longest)).ReadString(0)
	return strings.TrimRight(line, "\x00\n"), err
}

// Close ends the connection to clamd.
func (s *stream) Close() error {
	if s.conn == nil {
		return nil
	}
	return s.conn.Close()
}

func down(cause error) error {
	return transfer.Wrap(transfer.Unavailable, "files cannot be checked for malware at the moment", cause)
}
