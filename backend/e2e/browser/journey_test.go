package browser

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/mail"
	"senddigitally/backend/sandbox/outlook"
)

const (
	subject = "Your application for a place in day care"
	answer  = "Thank you.\nThe statement of income is enclosed."
)

var receiptForm = regexp.MustCompile(`^[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}$`)

func TestFromTheButtonToTheFunctionMailbox(t *testing.T) {
	w := begin(t)
	c := w.caseworker()
	code := c.sendsDecision()
	if draft := w.only(outlook.Caseworker, "Sent Digitally"); draft.Subject != subject || len(draft.Attachments) != 1 || !bytes.Equal(draft.Attachments[0].Content, decision(t)) {
		t.Errorf("filed: %q with %d attachments", draft.Subject, len(draft.Attachments))
	}
	link := w.link(outlook.Citizen)
	w.showsNotification(link, code)

	p := w.citizen()
	p.unlocks(link, code)
	p.readsAndDownloads()
	p.replies(photograph(t))
	w.answersDigitally(w.showsDelivery(photograph(t)))
	c.stayed(w.OutlookURL, w.StaffURL)
	p.stayed(w.PortalURL)
}

// sendsDecision writes, chooses and sends with our pane, and answers the code.
func (c caseworker) sendsDecision() string {
	c.Helper()
	c.writes("Citizen <citizen@post.example>", subject, "Dear citizen, please find the decision enclosed.", decisionFile(c.T))
	c.opensPane()
	c.reads("decision.pdf")
	c.choosesReply("day", "Children and Families › Day care")
	c.presses("radio", "Generated code")
	c.picture("1-pane")
	steps := c.watches()
	c.presses("button", "Send Digitally")
	c.reads("Sent encrypted")
	c.picture("2-summary")
	if seen := steps(); !slices.ContainsFunc(seen, func(s string) bool { return strings.HasPrefix(s, "Handing") || strings.HasPrefix(s, "Encrypting") }) {
		c.Errorf("the pane showed no progress but %q", seen)
	}
	c.reads("Replies go to Children and Families › Day care")
	return c.code()
}

// watches notes which steps the pane shows from now on.
func (c caseworker) watches() func() []string {
	c.Helper()
	frame := ask(c.tab, "pane", chromedp.Nodes(chromedp.CSS(id("pane-frame"))))[0]
	poll := chromedp.WithPollingInFrame(frame)
	c.do("watch", chromedp.Poll[chromedp.Void](`(() => {
		window.steps = [];
		new MutationObserver(() => {
			const step = document.querySelector('footer strong')?.textContent;
			if (step && window.steps.at(-1) !== step) window.steps.push(step);
		}).observe(document.body, { subtree: true, childList: true, characterData: true });
		return true;
	})()`, poll))
	return func() []string {
		return ask(c.tab, "steps", chromedp.Poll[[]string](`window.steps`, poll))
	}
}

// showsNotification looks at the citizen's mail: a link, and neither code nor content.
func (w *world) showsNotification(link, code string) {
	w.Helper()
	m := w.only(outlook.Citizen, "Inbox")
	for _, secret := range []string{code, strings.ReplaceAll(code, "-", ""), subject, "decision.pdf"} {
		if strings.Contains(m.Body, secret) || strings.Contains(m.Subject, secret) {
			w.Errorf("the notification tells %q", secret)
		}
	}
	b := w.window(1280)
	b.place(outlook.Citizen)
	b.click(id("message-row"))
	b.sees(id("reader-body"))
	b.picture("3-notification")
}

// unlocks opens the link, first with a wrong code.
func (c citizen) unlocks(link, code string) {
	c.Helper()
	if status := c.visits(link); status != http.StatusOK {
		c.Fatalf("the link page answers %d", status)
	}
	c.whole("4-link")
	if page := c.text("body"); strings.Contains(page, subject) {
		c.Error("the link page tells the subject before the code")
	}
	if status := c.follows(`a[hreflang="en"]`); status != http.StatusOK {
		c.Errorf("the page in English answers %d", status)
	}
	if heading := c.text("h1"); heading != "You have a secure message" {
		c.Errorf("in English: %q", heading)
	}
	c.enters("WRONG-CODE1")
	if problem := c.text("[role=alert]"); !strings.Contains(problem, "You have 4 tries left.") {
		c.Errorf("a wrong code: %q", problem)
	}
	c.whole("5-wrong-code")
	c.enters(" " + strings.ToLower(code))
	if heading := c.text("h1"); heading != subject {
		c.Fatalf("the right code leads to %q", heading)
	}
	if address := ask(c.tab, "address", chromedp.Location()); strings.Contains(address, link[strings.LastIndex(link, "/")+1:]) {
		c.Error("the token is still in the address")
	}
}

func (c citizen) readsAndDownloads() {
	c.Helper()
	if text := c.text("body", c.frame("iframe.body")); text != "Dear citizen, please find the decision enclosed." {
		c.Errorf("the message reads %q", text)
	}
	c.whole("6-message")
	got, want := sha256.Sum256(c.downloads(`a[href*="/files/"]`)), sha256.Sum256(decision(c.T))
	if got != want {
		c.Errorf("the file arrived with SHA-256 %x, not %x", got, want)
	}
	c.click("details.sum summary")
	if sum := c.text("details.sum code"); sum != hex.EncodeToString(want[:]) {
		c.Errorf("the page says %s, not %x", sum, want)
	}
	c.whole("6-checksum")
}

// replies sends text and a file, with progress, and gets a receipt number.
func (c citizen) replies(file string) {
	c.Helper()
	c.typed("#text", answer)
	const bytesPerSecond = 2 << 20
	c.slowly(bytesPerSecond)
	script[chromedp.Void](c.tab, `window.states = []; new MutationObserver(() => {
		const state = document.querySelector('#uploads .state')?.textContent;
		if (state && window.states.at(-1) !== state) window.states.push(state);
	}).observe(document.querySelector('#uploads'), { subtree: true, childList: true, characterData: true }); void 0`)
	c.do("choose", chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	c.sees("#uploads progress")
	c.click("#reply-form button[type=submit]")
	if said := c.text("#reply-form [role=status]"); said != "Please wait until all files have been uploaded." {
		c.Errorf("pressed too early, the form says %q", said)
	}
	if sent := c.asked("POST", "/replies"); slices.ContainsFunc(sent, func(r request) bool { return strings.HasSuffix(r.address, "/replies") }) {
		c.Error("the reply was sent while its file was under way")
	}
	c.picture("7-upload")
	c.do("uploaded", chromedp.Poll[chromedp.Void](`window.states.at(-1) === 'Uploaded'`, chromedp.WithPollingTimeout(patience)))
	c.slowly(-1)
	if len(c.asked("PATCH", "/uploads/")) == 0 {
		c.Error("the file did not go ahead of the reply")
	}
	between := func(s string) bool { return s != "0 %" && s != "100 %" && strings.HasSuffix(s, " %") }
	if seen := script[[]string](c.tab, "window.states"); !slices.ContainsFunc(seen, between) {
		c.Errorf("the upload showed %q", seen)
	}
	c.whole("8-reply")
	c.follows("#reply-form button[type=submit]")
	receipt := c.text("#receipt-number")
	if !receiptForm.MatchString(receipt) {
		c.Errorf("the receipt number is %q", receipt)
	}
	c.whole("9-receipt")
}

// slowly limits what the tab uploads, in bytes a second; -1 ends that.
func (b *tab) slowly(upload float64) {
	b.Helper()
	command(b, network.OverrideNetworkState, network.OverrideNetworkStateParams{DownloadThroughput: -1, UploadThroughput: upload})
	command(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: upload}}})
}

// showsDelivery compares what lies in the function mailbox, and looks at it as the team does.
func (w *world) showsDelivery(file string) *tab {
	w.Helper()
	w.eventually("the delivered reply is classified", func() bool { _, known := w.folder(outlook.Children, "Day care"); return known })
	m := w.only(outlook.Children, "Day care")
	if !slices.Contains(m.Categories, "Day care") {
		w.Errorf("categories %v", m.Categories)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		w.Fatal(err)
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Name != filepath.Base(file) || !bytes.Equal(m.Attachments[0].Content, want) {
		w.Errorf("the reply has %v", names(m.Attachments))
	}
	for line := range strings.Lines(answer) {
		if !strings.Contains(m.Body, strings.TrimSpace(line)) {
			w.Errorf("the reply's text lacks %q", line)
		}
	}
	b := w.window(1280)
	b.place(outlook.Caseworker + "/" + outlook.Children)
	b.click(id("folder-Day care"))
	b.click(id("message-row"))
	b.sees(id("attachment"))
	text := b.sandboxed(b.OutlookURL, "/body").text("body")
	b.picture("10-function-mailbox")
	for _, told := range []string{"citizen@post.example", "Reply mailbox and topic: goes to mailbox children, topic day-care."} {
		if !strings.Contains(text, told) {
			w.Errorf("the delivered reply does not tell %q:\n%s", told, text)
		}
	}
	return b
}

// answersDigitally answers the reply that is shown, which the team then sees.
func (w *world) answersDigitally(b *tab) {
	b.Helper()
	c := caseworker{b}
	c.click(id("addin-Read.Button"))
	c.presses("button", "Reply with Send Digitally")
	c.typed(id("compose-body"), "The place is yours.")
	c.click(id("addin-Send.Button"))
	c.reads("citizen@post.example")
	c.picture("11-answer")
	c.presses("button", "Send Digitally")
	c.reads("Sent encrypted")
	w.eventually("the citizen has a second link", func() bool {
		inbox, err := w.Mail.LocalMessages(outlook.Citizen, mail.Inbox)
		return err == nil && len(inbox) == 3 // the first link, the receipt, and this
	})
}

func names(all []mail.Attachment) []string {
	var out []string
	for _, a := range all {
		out = append(out, a.Name)
	}
	return out
}

// photograph makes a picture of some megabytes under a name of this world, once for a test.
func photograph(t *testing.T) string {
	t.Helper()
	path := filepath.Join(root(t), ".artifacts", "browser", t.Name(), "underskrevet erklæring.png")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	noise := image.NewGray(image.Rect(0, 0, 1600, 1200))
	_, _ = rand.Read(noise.Pix)
	var content bytes.Buffer
	if err := png.Encode(&content, noise); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
