package scanning

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"senddigitally/backend/scanning/scantest"
	"senddigitally/backend/transfer"
)

func client(t *testing.T, f scantest.Clamd) *Clamd {
	c := New(f.Listen(t))
	c.Patience = 2 * time.Second
	return c
}

func TestCleanContentPassesUnchanged(t *testing.T) {
	c := client(t, scantest.Clamd{})
	rapid.Check(t, func(rt *rapid.T) {
		content := bytes.Repeat([]byte(rapid.StringN(1, 20, 20).Draw(rt, "content")), rapid.IntRange(0, 60000).Draw(rt, "times"))
		s := c.Stream(t.Context(), iotest.OneByteReader(bytes.NewReader(content[:min(len(content), 300)])))
		if len(content) > 300 {
			s = c.Stream(t.Context(), bytes.NewReader(content))
		}
		got, err := io.ReadAll(s)
		s.Close()
		want := content
		if err != nil || !bytes.Equal(got, want) {
			rt.Fatalf("%d bytes of %d, %v", len(got), len(want), err)
		}
	})
}

func TestCase65WhatIsFoundHasNoEnd(t *testing.T) {
	c := client(t, scantest.Clamd{})
	for _, before := range []int{0, 10, chunk - 5, 3 * chunk} {
		content := strings.Repeat("x", before) + scantest.EICAR
		if err := c.Scan(t.Context(), strings.NewReader(content)); transfer.CodeOf(err) != transfer.Infected {
			t.Errorf("behind %d bytes: %v", before, err)
		}
	}
}

func TestCase65WithoutAVerdictNothingIsClean(t *testing.T) {
	closed, _ := net.Listen("tcp", "127.0.0.1:0")
	address := closed.Addr().String()
	closed.Close()
	limited, failing := scantest.Clamd{Limit: 10}, scantest.Clamd{Says: "stream: Can't allocate memory ERROR\x00"}
	mute, foreign := scantest.Clamd{Mute: true}, scantest.Clamd{Says: "HTTP/1.1 400\r\n\r\n\x00"}
	scanners := map[string]*Clamd{"down": New(address), "too large": client(t, limited), "failing": client(t, failing), "mute": client(t, mute), "foreign": client(t, foreign),
		"no socket": New("/nonexistent/clamd.ctl")}
	scanners["mute"].Patience = 100 * time.Millisecond
	for name, c := range scanners {
		if err := c.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 3*chunk))); transfer.CodeOf(err) != transfer.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := scanners["failing"].Scan(ctx, strings.NewReader("x")); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("cancelled: %v", err)
	}
}

func TestAStreamThatBreaksIsNotCleanEither(t *testing.T) {
	c := client(t, scantest.Clamd{})
	broken := iotest.ErrReader(io.ErrUnexpectedEOF)
	if err := c.Scan(t.Context(), io.MultiReader(strings.NewReader("half"), broken)); err != io.ErrUnexpectedEOF {
		t.Errorf("%v", err)
	}
}

func TestTheRealClamd(t *testing.T) {
	address := os.Getenv("SENDDIGITALLY_TEST_CLAMD")
	if address == "" {
		t.Skip("SENDDIGITALLY_TEST_CLAMD names no clamd")
	}
	c := New(address)
	if err := c.Scan(t.Context(), strings.NewReader("harmless")); err != nil {
		t.Errorf("harmless: %v", err)
	}
	if err := c.Scan(t.Context(), strings.NewReader(scantest.EICAR)); transfer.CodeOf(err) != transfer.Infected {
		t.Errorf("the test file: %v", err)
	}
}
