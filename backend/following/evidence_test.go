package following_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/following"
	"senddigitally/backend/transfer"
)

var update = flag.Bool("update", false, "write the golden evidence anew")

func evidencing(s *shelf) *following.Following {
	f := s.following()
	f.Organisation = func(transfer.TenantID) transfer.Organisation {
		return transfer.Organisation{Name: "Municipality", MailDomain: "municipality.example", Zone: time.UTC}
	}
	f.Words = func(l string) following.Words { return catalogue.For(l) }
	return f
}

func evidenceOf(t *testing.T, language string, change func(*transfer.Manifest)) (head mail.Header, parts []string) {
	t.Helper()
	s := &shelf{}
	d := s.add("Decision\r\nBcc: x@y.example", transfer.Entry{Kind: transfer.Concluded, Effect: transfer.NotifyEffect("r1", 0), Recipient: "r1", Outcome: transfer.Done, At: now},
		transfer.Entry{Kind: transfer.Opened, Recipient: "r1", At: now.Add(time.Minute)})
	d.Manifest.Sender = transfer.Party{Name: "The caseworker", Address: "caseworker@municipality.example"}
	d.Manifest.AcceptedAt = now
	if change != nil {
		change(&d.Manifest)
	}
	raw, err := evidencing(s).Evidence(context.Background(), caller, d.Manifest.ID, language)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return m.Header, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(text))
	}
}

func sumOf(content string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(content))) }

func TestTheEvidenceSaysWhatWasSentInEveryLanguage(t *testing.T) {
	for _, language := range catalogue.Languages() {
		_, parts := evidenceOf(t, language, nil)
		path := filepath.Join("testdata", "evidence."+language+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(parts[0]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || parts[0] != string(want) {
			t.Errorf("%s: the evidence says\n%s\n%v", language, parts[0], err)
		}
	}
}

func TestTheEvidenceIsReadByMachines(t *testing.T) {
	_, parts := evidenceOf(t, "en", nil)
	var facts struct {
		CaseID     string
		Recipients []struct{ Address, State string }
		Contents   []struct{ Name, SHA256 string }
	}
	if err := json.Unmarshal([]byte(parts[1]), &facts); err != nil {
		t.Fatal(err)
	}
	if facts.CaseID != "2026-17" || facts.Recipients[0].State != "opened" || facts.Contents[0].SHA256 != sumOf("the content of Decision.pdf") {
		t.Errorf("%+v", facts)
	}
}

func TestNothingInTheMessageBecomesAHeader(t *testing.T) {
	head, _ := evidenceOf(t, "en", func(m *transfer.Manifest) {
		m.Sender.Name = "A\r\nX-Evil: 1"
		m.Options.CaseID = "1\r\nX-Evil: 2"
	})
	if head.Get("Bcc") != "" || head.Get("X-Evil") != "" || len(head) != 8 {
		t.Errorf("%v", head)
	}
}

func TestADamagedFileIsInTheEvidenceAndAStoreThatIsAwayGivesNone(t *testing.T) {
	s := library()
	s.damaged = transfer.E(transfer.Integrity, "a stored file does not authenticate")
	mail, err := evidencing(s).Evidence(context.Background(), caller, s.records[0].ID, "en")
	if text := string(mail); err != nil || !strings.Contains(text, "- damaged; no checksum  Decision.pdf") || !strings.Contains(text, `"damaged": true`) || strings.Contains(text, "sha256") {
		t.Errorf("%v\n%s", err, mail)
	}
	s.damaged = transfer.E(transfer.Unavailable, "the storage does not answer")
	if _, err := evidencing(s).Evidence(context.Background(), caller, s.records[0].ID, "en"); transfer.CodeOf(err) != transfer.Unavailable {
		t.Error(err)
	}
}

func TestTheEvidenceOfAForeignTransferIsNotGiven(t *testing.T) {
	s := library()
	f := s.following()
	f.Gate = gate{transfer.E(transfer.NotFound, "no")}
	if _, err := f.Evidence(context.Background(), caller, s.records[0].ID, "en"); transfer.CodeOf(err) != transfer.NotFound {
		t.Error(err)
	}
}
