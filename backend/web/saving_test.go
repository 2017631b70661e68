package web

import (
	"mime"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
)

func FuzzDisposition(f *testing.F) {
	for _, name := range []string{"Afgørelse.pdf", `a"b\c`, "a\r\nSet-Cookie: x=1", "\x00", "%41", strings.Repeat("x", 300)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		name = transfer.CleanName(name)
		header := Disposition(name)
		if strings.ContainsAny(header, "\r\n\x00") || !strings.HasPrefix(header, `attachment; filename="`) {
			t.Errorf("%q gives %q", name, header)
		}
		for _, r := range header {
			if r > '~' || r < ' ' {
				t.Errorf("%q gives %q", name, header)
			}
		}
		if _, params, err := mime.ParseMediaType(header); err != nil || params["filename"] != name {
			t.Errorf("%q comes back as %q (%v)", name, params["filename"], err)
		}
	})
}
