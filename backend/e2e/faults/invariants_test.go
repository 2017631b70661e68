package faults_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"senddigitally/backend/access/trail"
	"senddigitally/backend/keys"
)

// holds checks the invariants of the catalogue on everything that people were
// told is done. The server runs.
func (r *rig) holds() {
	r.t.Helper()
	for _, l := range r.letters {
		if l.id == "" {
			continue
		}
		r.readable(l)
		r.mailed(l)
	}
	r.secret()
	r.audited()
}

// readable is I1 and I3.
func (r *rig) readable(l *letter) {
	r.t.Helper()
	if l.link == "" {
		r.until("the recipient of "+l.id+" is notified", func() error { return r.notified(l) })
	}
	if l.withdrawn || l.expired {
		r.until("the erased transfer "+l.id+" says so", func() error { return r.gone(l) })
		r.until("I3: the erased transfer's bytes are gone", func() error { return r.swept(l) })
		return
	}
	r.until("I1: "+l.id+" opens", func() error { return r.open(l) })
	if err := r.eventually(func() error { return r.download(l, 0) }); err != nil {
		r.t.Errorf("I1: %s: %v", l.id, err)
	}
}

func (r *rig) gone(l *letter) error {
	answer, err := l.browser.Get(l.link)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusGone {
		var s shown
		status, err := r.api("GET", "/api/v1/transfers/"+l.id, nil, nil, &s)
		return fmt.Errorf("its link answers %d (withdrawn %t, expired %t); to the sender it is %d %s %v %w", answer.StatusCode, l.withdrawn, l.expired, status, s.State, s.Recipients, err)
	}
	return nil
}

func (r *rig) swept(l *letter) error {
	for _, folder := range []string{"blobs", "keys"} {
		for name := range r.files(folder) {
			if strings.Contains(name, l.id) && !strings.Contains(name, "/erased/") {
				return fmt.Errorf("%s is there", name)
			}
		}
	}
	return nil
}

// mailed is I4 and I5.
func (r *rig) mailed(l *letter) {
	r.t.Helper()
	if n, _ := r.invited(l); n > 1 {
		r.t.Errorf("I4: %d mails reached the recipient of %s", n, l.id)
	}
	if l.receipt == "" {
		return
	}
	r.until("I5: the reply "+l.receipt+" is delivered", func() error { return r.reached(l) })
	if n := r.delivered(l); n != 1 {
		r.t.Errorf("I5: the reply %s lies in the function mailboxes %d times", l.receipt, n)
	}
}

// secret is I2.
func (r *rig) secret() {
	r.t.Helper()
	r.remember()
	var words [][]byte
	for _, l := range r.letters {
		for _, word := range []string{l.text, l.to, l.code, l.link[strings.LastIndex(l.link, "/")+1:]} {
			if len(word) > 8 {
				words = append(words, []byte(word))
			}
		}
	}
	for _, folder := range []string{"blobs", "keys", "audit", "server.log"} {
		for name, content := range r.files(folder) {
			for _, word := range words {
				if bytes.Contains(content, word) {
					r.t.Errorf("I2: %s shows %q", name, word)
				}
			}
		}
	}
}

// audited is I6.
func (r *rig) audited() {
	r.t.Helper()
	ring, err := keys.Load(r.at("keyring.json"))
	must(r.t, err)
	report, err := trail.Verify(r.at("audit"), ring.Derive("audit"), nil)
	if err != nil || !report.Intact() || report.Lines == 0 {
		r.t.Errorf("I6: the audit log: %+v, %v", report, err)
	}
}

// files reads all files below a name.
func (r *rig) files(name string) map[string][]byte {
	all := map[string][]byte{}
	_ = filepath.WalkDir(r.at(name), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if content, err := os.ReadFile(path); err == nil {
				all[path] = content
			}
		}
		return nil
	})
	return all
}
