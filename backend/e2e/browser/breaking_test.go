package browser

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

// large is a file too large for a connection of so many bytes a second to bring
// in the time that it takes to break it, with its SHA-256.
func large(t *testing.T, size int) (path, sum string) {
	t.Helper()
	content := make([]byte, size)
	_, _ = rand.Read(content)
	path = filepath.Join(t.TempDir(), "plan.bin")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(content)
	return path, hex.EncodeToString(digest[:])
}

// line is the connection of a window: bytes a second upwards, -1 without limit.
func (b *tab) line(up float64, offline bool) {
	b.Helper()
	command(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: offline, DownloadThroughput: -1, UploadThroughput: up}}})
}

// uploading is a caseworker whose first large file is on its way.
func (w *world) uploading(paths ...string) caseworker {
	w.Helper()
	c := w.caseworker()
	c.writes(outlook.Citizen, subject, "Dear citizen")
	c.opensPane()
	c.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS(`[data-testid="chooser"]`), paths, c.pane()))
	c.reads("plan.bin")
	c.line(1<<20, false)
	c.presses("button", "Send Digitally")
	w.eventually("the file is on its way", func() bool { return len(c.asked("PATCH", "/uploads/")) == 1 })
	return c
}

// stored reports whether a segment of a file has reached the vault's disk.
func (w *world) stored() (found bool) {
	_ = filepath.WalkDir(filepath.Join(w.Dir, "vault"), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			found = found || info.Size() > 256<<10
		}
		return nil
	})
	return found
}

// arrived checks that the one transfer has the files as they were.
func (w *world) arrived(sums ...string) {
	w.Helper()
	var page struct {
		Transfers []struct {
			ID    string
			Files []struct{ Name string }
		}
	}
	w.ask("GET", "/api/v1/transfers", "", nil, &page)
	if len(page.Transfers) != 1 || len(page.Transfers[0].Files) != len(sums) {
		w.Fatalf("sent are %v, not one with %d files", page.Transfers, len(sums))
	}
	evidence := string(w.asks("GET", "/api/v1/transfers/"+page.Transfers[0].ID+"/evidence.eml", "", nil))
	for _, sum := range sums {
		if !strings.Contains(strings.ReplaceAll(evidence, "=\r\n", ""), sum) {
			w.Errorf("no file with %s is in\n%s", sum, evidence)
		}
	}
}

func TestUploadsGoOnWhenTheConnectionIsBack(t *testing.T) {
	first, sum := large(t, 3<<20)
	second, other := large(t, 3<<20)
	w := begin(t)
	c := w.uploading(first, second)
	c.line(-1, true) // Chromium lets a request end that is under way
	c.reads("The connection broke; trying again")
	c.picture("broken")
	c.line(-1, false)
	c.reads("Sent encrypted")
	w.arrived(sum, other)
	w.only(outlook.Citizen, "Inbox")
}

func TestAnUploadGoesOnAfterTheServerWasRestarted(t *testing.T) {
	path, sum := large(t, 6<<20)
	w := begin(t)
	c := w.uploading(path)
	w.eventually("some of it is stored", w.stored)
	if err := w.Restart(t.Context(), func() { c.reads("The connection broke; trying again") }); err != nil {
		t.Fatal(err)
	}
	c.line(-1, false)
	c.reads("Sent encrypted")
	if pieces := c.asked("PATCH", "/uploads/"); len(pieces) < 2 || pieces[len(pieces)-1].header.Get("Upload-Offset") == "0" {
		t.Errorf("it was begun anew: %d pieces", len(pieces))
	}
	if begun := c.asked("POST", "/uploads/"); len(begun) != 1 {
		t.Errorf("it was begun %d times", len(begun))
	}
	w.arrived(sum)
	w.only(outlook.Citizen, "Inbox")
}

// A pane that is closed loses the file; what it had uploaded goes on with the
// same file in the next one, whatever happened to the server meanwhile.
func TestAnUploadGoesOnInTheNextPane(t *testing.T) {
	path, sum := large(t, 6<<20)
	w := begin(t)
	c := w.uploading(path)
	w.eventually("some of it is stored", w.stored)
	c.click(id("pane-close"))
	if err := w.Restart(t.Context(), func() {}); err != nil {
		t.Fatal(err)
	}
	c.line(-1, false)
	c.opensPane()
	c.reads("An upload was cut off. Choose the same files again and press Send Digitally: it goes on where it was.")
	c.picture("cut-off")
	c.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS(`[data-testid="chooser"]`), []string{path}, c.pane()))
	c.reads("plan.bin")
	c.presses("button", "Send Digitally")
	c.reads("Sent encrypted")
	if begun := c.asked("POST", "/uploads/"); len(begun) != 1 {
		t.Errorf("it was begun %d times", len(begun))
	}
	if pieces := c.asked("PATCH", "/uploads/"); pieces[len(pieces)-1].header.Get("Upload-Offset") == "0" {
		t.Error("it was sent from its beginning")
	}
	w.arrived(sum)
	w.only(outlook.Citizen, "Inbox")
}

func TestAColleagueWithdrawsInThePane(t *testing.T) {
	w := begin(t)
	sent, _ := w.sent(`{"language":"en","code":"generated","replyMailbox":"children"}`)
	note, err := w.Mail.SaveDraft(outlook.Citizen, mail.Message{Subject: "Is it you?", Body: "Wrong child", To: []mail.Address{{Address: outlook.Children}}})
	if err == nil {
		err = w.Mail.SendDraft(outlook.Citizen, note.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.only(outlook.Children, "Inbox")
	c := w.caseworker()
	c.place(outlook.Colleague + "/" + outlook.Children)
	c.click(id("message-row"))
	c.click(id("addin-Read.Button"))
	c.inPane("choose the mailbox", enter("Children"), named("combobox", "Transfers of"))
	c.presses("button", "Your application for a place in day care")
	c.reads("Sent by Caseworker")
	c.picture("1-hers")
	c.presses("button", "Withdraw from everyone")
	c.presses("button", "Withdraw from everyone")
	c.reads("Withdrawn.")
	c.picture("2-withdrawn")
	var after transfer
	if w.ask("GET", "/api/v1/transfers/"+sent.ID, "", nil, &after); after.State != "withdrawn" {
		t.Errorf("it is %s", after.State)
	}
}
