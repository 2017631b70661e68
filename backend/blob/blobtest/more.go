package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

func list(t *testing.T, s blob.Store) {
	// "-" and "." sort before "/", letters after it.
	all := []string{"t/a-b", "t/a.b", "t/a/1", "t/a/2", "t/a/3/x", "t/ab", "t/b", "t2/a"}
	for _, name := range all {
		put(t, s, name, nil)
	}
	wantNames(t, s, "", "", all...)
	wantNames(t, s, "t/", "", all[:7]...)
	wantNames(t, s, "t", "", all...)
	wantNames(t, s, "t/a", "", all[:6]...)
	wantNames(t, s, "t/a/", "", all[2:5]...)
	wantNames(t, s, "t/a/2", "", "t/a/2")
	wantNames(t, s, "t/a/", "t/a/1", all[3:5]...)
	wantNames(t, s, "t/a/", "t/a/3", "t/a/3/x")
	wantNames(t, s, "t/", "t/a/3/x", all[5:7]...)
	wantNames(t, s, "t/", "t/a.b", all[2:7]...)
	wantNames(t, s, "", "t/zzz", "t2/a")
	wantNames(t, s, "t/", "u")
	for _, prefix := range []string{"/", "../", "t//", "t/../", "t\x00"} {
		for _, err := range s.List(t.Context(), prefix, "") {
			if transfer.CodeOf(err) != transfer.Invalid {
				t.Errorf("List %q: %v", prefix, err)
			}
		}
	}
}

func listStops(t *testing.T, s blob.Store) {
	for i := range 5 {
		put(t, s, fmt.Sprintf("t/%d/x", i), nil)
	}
	var got []string
	for name, err := range s.List(t.Context(), "t/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, name); len(got) == 2 {
			break
		}
	}
	if !slices.Equal(got, []string{"t/0/x", "t/1/x"}) {
		t.Errorf("got %q", got)
	}
}

func listRandomTree(t *testing.T, s blob.Store) {
	source := rand.New(rand.NewPCG(1, 2))
	letters := []string{"a", "a-", "a.", "ab", "b", "c0"}
	taken := map[string]bool{}
	for range 120 {
		var elements []string
		for range 2 + source.IntN(2) {
			elements = append(elements, letters[source.IntN(len(letters))])
		}
		name := strings.Join(elements, "/") + "/end"
		if !taken[name] {
			taken[name] = true
			put(t, s, name, nil)
		}
	}
	prefixes := []string{"", "a", "a/", "a-", "a-/ab/", "b/a.", "c0/c0/c0/e"}
	for _, prefix := range prefixes {
		for after := range taken {
			var want []string
			for name := range taken {
				if strings.HasPrefix(name, prefix) && name > after {
					want = append(want, name)
				}
			}
			slices.Sort(want)
			wantNames(t, s, prefix, after, want...)
		}
	}
}

func deletion(t *testing.T, s blob.Store) {
	put(t, s, "d/x", []byte("old"))
	put(t, s, "d/y/z", nil)
	for _, name := range []string{"d/x", "d/x", "d/never", "never/was/here", "d/y"} {
		if err := s.Delete(t.Context(), name); err != nil {
			t.Errorf("Delete %s: %v", name, err)
		}
	}
	wantNames(t, s, "", "", "d/y/z")
	put(t, s, "d/x", []byte("new"))
	if got := read(t, s, "d/x", 0, -1); string(got) != "new" {
		t.Errorf("after Delete and Put: %q", got)
	}
}

// failing yields some bytes and then an error.
type failing struct {
	bytes io.Reader
	err   error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.bytes.Read(p)
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

func interrupted(t *testing.T, s blob.Store) {
	lost := errors.New("connection lost")
	for _, size := range []int{0, 10, 1 << 20, large} {
		_, err := s.Put(t.Context(), "i/x", &failing{bytes.NewReader(Fill(size, 1)), lost})
		if !errors.Is(err, lost) {
			t.Errorf("after %d bytes: %v; want the reader's error", size, err)
		}
		wantNames(t, s, "", "")
	}
	put(t, s, "i/x", []byte("whole"))
}

func cancelled(t *testing.T, s blob.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	source := io.MultiReader(bytes.NewReader(Fill(1<<20, 1)), &calling{cancel}, bytes.NewReader(Fill(1<<20, 2)))
	if _, err := s.Put(ctx, "c/x", source); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
	wantNames(t, s, "", "")

	put(t, s, "c/x", Fill(1<<20, 1))
	ctx, cancel = context.WithCancel(t.Context())
	r, err := s.ReadRange(ctx, "c/x", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if _, err := io.ReadAll(r); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadRange: %v", err)
	}
}

// calling calls once and is at its end.
type calling struct{ call func() }

func (c *calling) Read([]byte) (int, error) { c.call(); return 0, io.EOF }

func hostileNames(t *testing.T, s blob.Store) {
	for _, name := range []string{
		"", "/", "/etc/passwd", "../x", "a/../b", "a/..", "./a", "a/./b", "a//b", "a/", ".hidden", "a/.hidden",
		"a\x00b", "a\\b", "a b", "a\nb", "å", "a:b", "-a", "C:", strings.Repeat("x", 129), strings.Repeat("x/", 256) + "x",
	} {
		if _, err := s.Put(t.Context(), name, strings.NewReader("x")); transfer.CodeOf(err) != transfer.Invalid {
			t.Errorf("Put %q: %v", name, err)
		}
		if _, err := s.ReadRange(t.Context(), name, 0, -1); transfer.CodeOf(err) != transfer.Invalid {
			t.Errorf("ReadRange %q: %v", name, err)
		}
		if _, err := s.Size(t.Context(), name); transfer.CodeOf(err) != transfer.Invalid {
			t.Errorf("Size %q: %v", name, err)
		}
		if err := s.Delete(t.Context(), name); transfer.CodeOf(err) != transfer.Invalid {
			t.Errorf("Delete %q: %v", name, err)
		}
	}
	wantNames(t, s, "", "")
}

func concurrent(t *testing.T, s blob.Store) {
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 12 {
				name := fmt.Sprintf("w%d/%d", worker, i)
				content := Fill(5_000*i, uint64(worker*100+i))
				put(t, s, name, content)
				if !bytes.Equal(read(t, s, name, 0, -1), content) {
					t.Errorf("%s changed", name)
				}
				for _, err := range s.List(t.Context(), "", "") {
					if err != nil {
						t.Errorf("List: %v", err)
					}
				}
				if i%3 == 0 {
					if err := s.Delete(t.Context(), name); err != nil {
						t.Errorf("Delete: %v", err)
					}
				}
			}
		})
	}
	all.Wait()
	if got := len(names(t, s, "", "")); got != 8*8 {
		t.Errorf("%d blobs are left, want 64", got)
	}
}

// emptyFoldersRace: a driver that keeps folders must not lose a blob that is
// put while the last other one of its folder is deleted.
func emptyFoldersRace(t *testing.T, s blob.Store) {
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			name := fmt.Sprintf("x/y/%d", worker)
			for range 50 {
				put(t, s, name, []byte(name))
				if got := read(t, s, name, 0, -1); string(got) != name {
					t.Errorf("%s reads %q", name, got)
				}
				if err := s.Delete(t.Context(), name); err != nil {
					t.Errorf("Delete: %v", err)
				}
			}
		})
	}
	all.Wait()
	wantNames(t, s, "", "")
}
