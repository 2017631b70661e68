package staffpages

import (
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/outlook"
)

// places chooses where the reply on the page goes.
func (b *browser) places(target string) {
	b.t.Helper()
	b.sees("the targets", "document.querySelector('#to')")
	js[chromedp.Void](b, "document.querySelector('#to').value = %q, void 0", target)
	b.press("Place")
}

func (b *browser) writes(id, text string) {
	b.t.Helper()
	b.sees(id, "document.querySelector('#%s')", id)
	js[chromedp.Void](b, "document.querySelector('#%s').value = %q, void 0", id, text)
}

// Two distributors, each in a window of his own: who takes a reply in hand has
// it to herself, until she hands it over; what was placed by mistake is taken
// back; what the mailbox hands back becomes a rule.
func TestTwoDistributorsAtTheDesk(t *testing.T) {
	w := start(t, manualByDefault, outlook.Colleague)
	if err := w.Mail.SetMembers(outlook.Technical, []string{outlook.Caseworker}); err != nil {
		t.Fatal(err)
	}
	w.mails(outlook.Intake, "Where does this belong?")
	first, second := w.opened(), w.opened()
	first.signsIn(w.StaffURL+"/distribute", "caseworker")
	second.signsIn(w.StaffURL+"/distribute", "colleague")
	first.finds("the mail is on the desk", w.StaffURL+"/distribute", "document.body.innerText.includes('A question')")
	first.press("A question")
	first.shows("Where does this belong?")
	look := js[string](first, "location.href")
	second.goes(look)
	second.shows("Where does this belong?")

	first.press("Take in hand")
	first.shows("In hand until")
	first.accessible("desk-in-hand")
	second.places("technical/roads") // her page is older than that
	second.shows("Somebody else has this in hand")
	second.shows("Waiting: 1")
	second.shows("In hand until")
	second.accessible("desk-refused")
	second.goes(look)
	second.press("Take in hand")
	second.shows("Somebody else has this in hand")

	first.writes("comment", "She means the roads.")
	first.press("Add")
	first.shows("She means the roads.")
	first.press("Hand over")
	first.sees("that it is free", "!document.body.innerText.includes('In hand until')")
	second.goes(look)
	second.shows("She means the roads.")
	second.places("children")
	second.shows("1 placed")
	second.accessible("desk-placed")
	second.press("Undo")
	second.shows("1 taken back")
	second.shows("Waiting: 1")
	second.goes(look)
	second.places("technical/roads")
	second.shows("1 placed")
	w.until("the mail is delivered", func() bool { return w.inMailbox(outlook.Technical, "Where does") != nil })
	if w.inMailbox(outlook.Children, "Where does") != nil {
		t.Error("what was taken back is delivered, too")
	}

	reply := regexp.MustCompile(`/replies/[0-9a-v]{34}`).FindString(w.inMailbox(outlook.Technical, "Where does").Body)
	first.finds("the delivery is noted, too", w.StaffURL+reply, "document.querySelector('#why') !== null")
	first.writes("why", "This is for the children's team.")
	first.press("Hand it back")
	first.shows("Handed back")
	second.goes(w.StaffURL + "/distribute")
	second.shows("This is for the children's team.")
	second.press("A question")
	second.sees("the targets", "location.pathname.startsWith('/distribute/') && document.querySelector('#to')")
	js[chromedp.Void](second, "document.querySelector('#to').value = 'children', void 0")
	second.press("Make a rule of this")
	second.shows("A rule for replies like this one")
	second.shows("The rule would place 1 of the 1 replies that wait now.")
	second.accessible("desk-rule")
}
