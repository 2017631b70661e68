package blob

import (
	"path"
	"strings"
	"testing"
)

func FuzzNamesStayInside(f *testing.F) {
	for _, name := range []string{"a/b", "../a", "a//b", "a/./b", ".a", "a\x00", "a/b/", "C:x"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) != nil {
			return
		}
		if path.Clean(name) != name || path.IsAbs(name) || strings.Contains(name, "..") && strings.Contains("/"+name, "/.") {
			t.Errorf("%q was accepted", name)
		}
		if CheckPrefix(name) != nil {
			t.Errorf("%q is a name and not a prefix", name)
		}
	})
}
