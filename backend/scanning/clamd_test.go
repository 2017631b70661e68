package scanning

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
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

func (c *Clamd) scan(t *testing.T, content string) (string, error) {
	t.Helper()
	return c.Scan(t.Context(), strings.NewReader(content), int64(len(content)))
}

func TestClamdGetsTheContentAsItIs(t *testing.T) {
	var got []byte
	c := client(t, scantest.Clamd{Finds: func(content []byte) string { got = content; return "" }})
	rapid.Check(t, func(rt *rapid.T) {
		content := bytes.Repeat([]byte(rapid.StringN(1, 20, 20).Draw(rt, "content")), rapid.IntRange(0, 60000).Draw(rt, "times"))
		var r io.Reader = bytes.NewReader(content)
		if len(content) < 300 {
			r = iotest.OneByteReader(r)
		}
		found, err := c.Scan(t.Context(), r, int64(len(content)))
		if err != nil || found != "" || !bytes.Equal(got, content) {
			rt.Fatalf("%d bytes of %d, %q, %v", len(got), len(content), found, err)
		}
	})
}

func TestCase65MalwareIsFoundByItsName(t *testing.T) {
	c := client(t, scantest.Clamd{})
	for _, before := range []int{0, 10, chunk - 5, 3 * chunk} {
		found, err := c.scan(t, strings.Repeat("x", before)+scantest.EICAR)
		if err != nil || found != "Eicar-Signature" {
			t.Errorf("behind %d bytes: %q, %v", before, found, err)
		}
	}
}

func TestCase65WithoutAVerdictNothingIsClean(t *testing.T) {
	closed, _ := net.Listen("tcp", "127.0.0.1:0")
	address := closed.Addr().String()
	closed.Close()
	says := func(answer string) *Clamd { return client(t, scantest.Clamd{Says: answer}) }
	scanners := map[string]*Clamd{"down": New(address), "no socket": New("/nonexistent/clamd.ctl"), "mute": client(t, scantest.Clamd{Mute: true}),
		"failing": says("stream: Can't allocate memory ERROR\x00"), "foreign": says("HTTP/1.1 400\r\n\r\n\x00"),
		"cut short": says("stream: O"), "without its end": says("stream: OK"), "endless": says("stream: OK" + strings.Repeat(" ", longest) + "\x00"),
		"garbage": says("\xff\xfe\x00stream: OK\x00"), "without a name": says("stream:  FOUND\x00")}
	scanners["mute"].Patience = 100 * time.Millisecond
	for name, c := range scanners {
		if found, err := c.scan(t, strings.Repeat("x", 3*chunk)); transfer.CodeOf(err) != transfer.Unavailable {
			t.Errorf("%s: %q, %v", name, found, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := scanners["failing"].Scan(ctx, strings.NewReader("x"), 1); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("cancelled: %v", err)
	}
}

func TestANameThatNobodyMayReadIsMalwareAllTheSame(t *testing.T) {
	for _, name := range []string{"OK\nstream: X", "\x1b[2J", "\u202e", strings.Repeat("x", 200)} {
		if found, err := verdict("stream: " + name + " FOUND"); err != nil || found != "unnamed" {
			t.Errorf("%q: %q, %v", name, found, err)
		}
	}
}

func TestASlowScannerIsNotWaitedForBeyondTheEndOfTheContext(t *testing.T) {
	c := client(t, scantest.Clamd{Mute: true})
	c.Patience = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Scan(ctx, strings.NewReader("x"), 1); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("%v", err)
	}
}

func TestWhatIsTooLargeIsSaidToBe(t *testing.T) {
	limited := client(t, scantest.Clamd{Limit: 10})
	configured := client(t, scantest.Clamd{})
	configured.Largest = 10
	exceeding := client(t, scantest.Clamd{Says: "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\x00"})
	for name, c := range map[string]*Clamd{"by clamd": limited, "by configuration": configured, "by what is in it": exceeding} {
		if _, err := c.scan(t, strings.Repeat("x", 11)); transfer.CodeOf(err) != transfer.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := configured.scan(t, strings.Repeat("x", 10)); err != nil {
		t.Errorf("of the largest length: %v", err)
	}
}

func TestWhatCannotBeReadIsNotClean(t *testing.T) {
	c := client(t, scantest.Clamd{})
	for _, broken := range []error{io.ErrUnexpectedEOF, errors.New("the disk is gone")} {
		if _, err := c.Scan(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), 8); err != broken {
			t.Errorf("%v", err)
		}
	}
}

func TestTheSignaturesAreNamed(t *testing.T) {
	c := client(t, scantest.Clamd{Version: func() string { return "ClamAV 1.4.3/27500/Mon Jan  5 09:24:37 2026\n" }})
	if got, err := c.Signatures(t.Context()); err != nil || got != "ClamAV 1.4.3/27500/Mon Jan  5 09:24:37 2026" {
		t.Errorf("%q, %v", got, err)
	}
	foreign := client(t, scantest.Clamd{Version: func() string { return "220 mail.example ESMTP" }})
	if _, err := foreign.Signatures(t.Context()); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("a mail server: %v", err)
	}
}

func TestTheRealClamd(t *testing.T) {
	c := New(scantest.Real(t))
	if found, err := c.scan(t, "harmless"); err != nil || found != "" {
		t.Errorf("harmless: %q, %v", found, err)
	}
	for _, before := range []int{0, 1000, 2 << 20} {
		if found, err := c.scan(t, strings.Repeat("x", before)+scantest.Signature); err != nil || found != scantest.TestMalware {
			t.Errorf("malware behind %d bytes: %q, %v", before, found, err)
		}
	}
	if _, err := c.scan(t, strings.Repeat("x", 5<<20)); transfer.CodeOf(err) != transfer.TooLarge {
		t.Errorf("above StreamMaxLength: %v", err)
	}
	if version, err := c.Signatures(t.Context()); err != nil || !strings.HasPrefix(version, "ClamAV 1") {
		t.Errorf("%q, %v", version, err)
	}
}

func FuzzVerdict(f *testing.F) {
	for _, seed := range []string{"stream: OK", "stream: Eicar FOUND", "INSTREAM size limit exceeded. ERROR", "stream: Heuristics.Limits.Exceeded FOUND", "", "stream:  FOUND", "stream: \x1b[2J<b>\u202e FOUND", "stream: OK\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		found, err := verdict(answer)
		switch {
		case found == "" && err == nil && answer != "stream: OK":
			t.Errorf("%q counts as clean", answer)
		case found != "" && (!strings.HasSuffix(answer, " FOUND") || len(found) > 120 || strings.ContainsFunc(found, func(r rune) bool { return r < ' ' || r > '~' })):
			t.Errorf("%q is %q", answer, found)
		case err != nil && transfer.CodeOf(err) != transfer.Unavailable && transfer.CodeOf(err) != transfer.TooLarge:
			t.Errorf("%q: %v", answer, err)
		}
	})
}
