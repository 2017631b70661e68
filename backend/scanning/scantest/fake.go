// Package scantest is clamd for tests: a fake that answers as it is told to, and
// the real one where it is installed.
//
// Invariant: each listens on loopback, or a socket in a temporary directory, until
// its test ends.
//
// Failure: without a clamd to start, the test is skipped with that reason.
package scantest

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// EICAR is the test file that every scanner finds (EICAR, "Anti Malware
// Testfile"), in two halves, so that this source is not found itself.
const EICAR = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

// Clamd is a fake that speaks INSTREAM and VERSION as clamd does.
type Clamd struct {
	Limit   int                         // StreamMaxLength; 0 is none
	Says    string                      // instead of a verdict, as it stands
	Mute    bool                        // gives no verdict at all
	Down    *atomic.Bool                // while true, hangs up at once; nil is false
	Version func() string               // of its signatures; nil for one without a date
	Finds   func(content []byte) string // name of the malware; nil finds EICAR
}

// Listen starts it and answers its address.
func (f Clamd) Listen(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(conn)
		}
	}()
	return l.Addr().String()
}

func (f Clamd) serve(conn net.Conn) {
	defer conn.Close()
	if f.Down != nil && f.Down.Load() {
		return
	}
	in := bufio.NewReader(conn)
	switch command, _ := in.ReadString(0); command {
	case "zINSTREAM\x00":
		if content, whole := f.receive(conn, in); whole {
			f.judge(conn, content)
		}
	case "zVERSION\x00":
		version := "ClamAV 1.4.3"
		if f.Version != nil {
			version = f.Version()
		}
		_, _ = io.WriteString(conn, version+"\x00")
	default:
		_, _ = io.WriteString(conn, "UNKNOWN COMMAND\x00")
	}
}

func (f Clamd) receive(conn net.Conn, in io.Reader) (content []byte, whole bool) {
	for {
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return nil, false
		}
		n := binary.BigEndian.Uint32(length[:])
		if n == 0 {
			return content, true
		}
		if f.Limit > 0 && len(content)+int(n) > f.Limit {
			_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			return nil, false
		}
		piece := make([]byte, n)
		if _, err := io.ReadFull(in, piece); err != nil {
			return nil, false
		}
		content = append(content, piece...)
	}
}

func (f Clamd) judge(conn net.Conn, content []byte) {
	find := f.Finds
	if find == nil {
		find = func(content []byte) string {
			if bytes.Contains(content, []byte(EICAR)) {
				return "Eicar-Signature"
			}
			return ""
		}
	}
	switch found := find(content); {
	case f.Mute:
		_, _ = io.Copy(io.Discard, conn)
	case f.Says != "" || found == "":
		_, _ = io.WriteString(conn, cmp.Or(f.Says, "stream: OK\x00"))
	default:
		_, _ = io.WriteString(conn, "stream: "+found+" FOUND\x00")
	}
}
