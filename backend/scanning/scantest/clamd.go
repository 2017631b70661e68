// Package scantest is a clamd for tests: it speaks INSTREAM and finds the EICAR
// test file.
//
// Invariant: it listens on loopback until its test ends.
//
// Failure: it answers as it is told to.
package scantest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// EICAR is the test file that every scanner finds (EICAR, "Anti Malware
// Testfile"), in two halves, so that this source is not found itself.
const EICAR = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

// Clamd speaks INSTREAM as clamd does.
type Clamd struct {
	Limit int    // StreamMaxLength; 0 is none
	Says  string // instead of a verdict
	Mute  bool   // gives no verdict at all
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
	in := bufio.NewReader(conn)
	if command, err := in.ReadString(0); err != nil || command != "zINSTREAM\x00" {
		_, _ = io.WriteString(conn, "UNKNOWN COMMAND\x00")
		return
	}
	var all []byte
	for {
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return
		}
		n := binary.BigEndian.Uint32(length[:])
		if n == 0 {
			break
		}
		if f.Limit > 0 && len(all)+int(n) > f.Limit {
			_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			return
		}
		piece := make([]byte, n)
		if _, err := io.ReadFull(in, piece); err != nil {
			return
		}
		all = append(all, piece...)
	}
	switch {
	case f.Mute:
		_, _ = io.Copy(io.Discard, conn)
	case f.Says != "":
		_, _ = io.WriteString(conn, f.Says)
	case bytes.Contains(all, []byte(EICAR)):
		_, _ = io.WriteString(conn, "stream: Eicar-Signature FOUND\x00")
	default:
		_, _ = io.WriteString(conn, "stream: OK\x00")
	}
}
