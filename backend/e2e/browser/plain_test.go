package browser

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/outlook"
)

func TestTheSameReplyWithoutJavaScript(t *testing.T) {
	w := begin(t)
	sent, link := w.sent(`{"language":"en","code":"generated","replyMailbox":"technical"}`)
	c := w.citizen()
	c.scriptless()
	c.visits(link)
	c.enters(sent.Code)
	c.typed("#text", answer)
	file := photograph(t)
	c.do("choose", chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	c.whole("1-reply")
	c.follows("#reply-form button[type=submit]")
	if receipt := c.text("#receipt-number"); !receiptForm.MatchString(receipt) {
		t.Errorf("the receipt number is %q", receipt)
	}
	c.whole("2-receipt")
	if n := len(c.asked("PATCH", "/uploads/")); n != 0 {
		t.Errorf("a script has uploaded %d files", n)
	}
	m := w.only(outlook.Technical, "Sent Digitally")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Name != filepath.Base(file) || !bytes.Equal(m.Attachments[0].Content, want) {
		t.Errorf("the reply has %v", names(m.Attachments))
	}
	c.stayed(w.PortalURL)
}

// scriptless lets the pages run no script.
func (c citizen) scriptless() {
	c.Helper()
	command(c.tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}
