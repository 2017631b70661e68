package web

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// A reader that panics ends its own download, not the process.
func TestReadingAheadPanicsWhereThatIsCaught(t *testing.T) {
	for name, reader := range map[string]io.Reader{"at once": panicking{}, "later": io.MultiReader(bytes.NewReader(make([]byte, PieceSize+1)), panicking{})} {
		defect := func() (p any) {
			defer func() { p = recover() }()
			_, _ = copyAhead(io.Discard.Write, reader)
			return nil
		}()
		if said, _ := defect.(string); !strings.Contains(said, "a defect") || !strings.Contains(said, "panicking") {
			t.Errorf("%s: %v", name, defect)
		}
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("a defect") }

func TestReadingAheadChangesNothing(t *testing.T) {
	content := make([]byte, 3*PieceSize+17)
	_, _ = rand.Read(content)
	broken := errors.New("broken")
	for name, reader := range map[string]func() io.Reader{
		"whole":             func() io.Reader { return bytes.NewReader(content) },
		"halves":            func() io.Reader { return iotest.HalfReader(bytes.NewReader(content)) },
		"data with its end": func() io.Reader { return iotest.DataErrReader(bytes.NewReader(content)) },
	} {
		var out bytes.Buffer
		if n, err := copyAhead(out.Write, reader()); n != int64(len(content)) || err != nil || !bytes.Equal(out.Bytes(), content) {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		out.Reset()
		failing := io.MultiReader(reader(), iotest.ErrReader(broken))
		if n, err := copyAhead(out.Write, failing); n != int64(len(content)) || !errors.Is(err, broken) {
			t.Errorf("%s, then a failure: %d bytes, %v", name, n, err)
		}
		gone := func(b []byte) (int, error) { return 5, broken }
		if n, err := copyAhead(gone, reader()); n != 5 || !errors.Is(err, broken) {
			t.Errorf("%s, to a client that is gone: %d bytes, %v", name, n, err)
		}
	}
}
