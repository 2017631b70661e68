// Package municipality measures a generated municipality's day of mixed replies:
// what the rules decide alone, and what the product delivers, from the acceptance
// to the function mailbox. What is right comes from the citizens' intent, drawn
// before and without any rule; the rules are the organisation's guess.
//
// The day passes in virtual time (testing/synctest) before the sandbox's Graph with
// Exchange Online's limits. Distributing, mailing, jobs, routing, vault and the Graph
// client with Microsoft's unmodified SDK are the product's; the ledger and the stores
// are in memory, since nothing outside a bubble shares its time.
//
//	make municipality SEED=7
package municipality

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"senddigitally/routing"
)

var (
	seed    = flag.Uint64("seed", 1, "of the municipality and its day")
	replies = flag.Int("replies", 4000, "in the day")
)

const (
	mailboxes      = 120
	topics         = 900
	rules          = 2000
	wordsPerTopic  = 4 // that officials use for a topic
	citizensOwn    = 3 // further words of citizens, that no official thought of
	sharedWords    = 60
	morning        = 8 * time.Hour
	companiesShare = 4 // every fourth topic has a company that writes about nothing else
)

// town is the municipality: what each topic is called by officials and by
// citizens, and the routing made of the officials' words.
type town struct {
	random   *rand.Rand
	mailbox  []int      // of each topic
	official [][]string // words of each topic
	citizens [][]string
	shared   []string // words that mean nothing
	set      *routing.Set
}

// Some mailboxes make trouble, as the sandbox reads off their names: answers come
// late, or only after refusals; one refuses for good and has a deputy.
var troubled = []string{"slow", "throttle", "temperror", "denied"}

const denied, deputy = 3, 4

func addressOf(mailbox int) string {
	if mailbox < len(troubled) {
		return troubled[mailbox] + "@town.example"
	}
	return name("mailbox", mailbox) + "@town.example"
}

func name(kind string, i int) string { return fmt.Sprintf("%s-%03d", kind, i) }

// word draws a pronounceable word.
func (w *town) word() string {
	const consonants, vowels = "bdfgklmnprstv", "aeiou"
	var b strings.Builder
	for range 3 + w.random.IntN(2) {
		b.WriteByte(consonants[w.random.IntN(len(consonants))])
		b.WriteByte(vowels[w.random.IntN(len(vowels))])
	}
	return b.String()
}

func (w *town) words(n int) []string {
	var all []string
	for range n {
		all = append(all, w.word())
	}
	return all
}

func newTown(t testing.TB, seed uint64) *town {
	t.Helper()
	w := &town{random: rand.New(rand.NewPCG(seed, 1))}
	w.shared = w.words(sharedWords)
	for range topics {
		w.mailbox = append(w.mailbox, w.random.IntN(mailboxes))
		official := w.words(wordsPerTopic)
		w.official = append(w.official, official)
		w.citizens = append(w.citizens, append(slices.Clone(official[:2]), w.words(citizensOwn)...))
	}
	set, problems := routing.Compile(w.definition())
	if set == nil {
		t.Fatalf("%d problems, the first: %v", len(problems), problems[0])
	}
	w.set = set
	return w
}

func (w *town) definition() routing.Definition {
	d := routing.Definition{Tenant: "town", Language: "en", TimeZone: "Europe/Copenhagen", Domains: []string{"town.example"},
		ContactFolders: []routing.ContactFolder{{ID: "all", Names: routing.Names{"en": "All"}}},
		DefaultRoute:   &routing.Route{Manual: true}}
	for i := range mailboxes {
		d.Mailboxes = append(d.Mailboxes, routing.Mailbox{ID: name("mailbox", i), Address: addressOf(i), Names: routing.Names{"en": name("mailbox", i)}})
	}
	d.Mailboxes[denied].Deputy = name("mailbox", deputy)
	for i := range topics {
		d.Topics = append(d.Topics, routing.Topic{ID: name("topic", i), Mailbox: name("mailbox", w.mailbox[i]), Names: routing.Names{"en": name("topic", i)}})
		d.Cases = append(d.Cases, routing.CaseSeries{Prefix: fmt.Sprintf("%03d.", i), Topic: name("topic", i)})
		d.ContactPoints = append(d.ContactPoints, routing.ContactPoint{ID: name("contact", i), Folder: "all", Names: routing.Names{"en": name("contact", i)},
			Mailbox: name("mailbox", w.mailbox[i]), Topic: name("topic", i)})
	}
	for i := range rules {
		topic := i % topics
		r := routing.Rule{ID: name("rule", i), Route: routing.Route{Topic: name("topic", topic)}}
		switch i / topics {
		case 0, 1:
			pair := w.official[topic][2*(i/topics):]
			r.When.Subject = []string{`\b` + pair[0] + `\b`, `\b` + pair[1] + `\b`}
		default:
			r.When.OrganisationNumber = []string{fmt.Sprintf("%08d", topic)}
		}
		d.Rules = append(d.Rules, r)
	}
	return d
}

// reply is one reply of the day with what its writer meant; a topic of -1 means
// nothing that the municipality has a mailbox for.
type reply struct {
	kind  string
	input routing.Input
	topic int
}

// day draws what citizens mean, and then how they write it down.
func (w *town) day(n int) []reply {
	all := make([]reply, n)
	begin := time.Date(2026, 9, 16, 0, 0, 0, 0, time.UTC).Add(morning)
	for i := range all {
		meant := w.random.IntN(topics)
		r := reply{topic: meant, input: routing.Input{SenderKind: routing.Citizen, SenderDomain: "post.example", Language: "en",
			Received: begin.Add(time.Duration(i) * 8 * time.Hour / time.Duration(n))}}
		switch p := w.random.IntN(100); {
		case p < 45:
			r.kind = "answer to a transfer"
			chosen := w.slip(meant, 4)
			r.input.ReplyMailbox, r.input.ReplyTopic = name("mailbox", w.mailbox[chosen]), name("topic", chosen)
		case p < 60:
			r.kind, r.input.CaseID = "case", fmt.Sprintf("%03d.%04d", meant, w.random.IntN(9999))
		case p < 75:
			r.kind, r.input.ContactPoint = "contact point", name("contact", w.slip(meant, 8))
		case p < 86:
			r.kind, r.input.Subject = "free mail", w.subject(meant)
		case p < 90:
			r.kind, r.input.SenderKind, r.input.Subject = "company", routing.Company, "Re: "+w.shared[0]
			r.topic = meant - meant%companiesShare
			r.input.OrganisationNumber = fmt.Sprintf("%08d", r.topic)
		case p < 95: // somebody else answers a link that was forwarded, about something of her own
			r.kind = "forwarded link"
			other := w.random.IntN(topics)
			r.input.ReplyMailbox, r.input.ReplyTopic, r.input.Subject = name("mailbox", w.mailbox[other]), name("topic", other), "Fwd: "+w.subject(meant)
		default:
			r.kind, r.topic, r.input.SenderDomain = "spam", -1, "spam.example"
			r.input.Subject = w.shared[w.random.IntN(sharedWords)] + " " + w.word()
		}
		all[i] = r
	}
	return all
}

// slip is the topic that somebody picks who means another: percent of the time
// the wrong one.
func (w *town) slip(meant, percent int) int {
	if w.random.IntN(100) >= percent {
		return meant
	}
	return w.random.IntN(topics)
}

// subject is two of the citizens' words for a topic among words that mean nothing.
func (w *town) subject(topic int) string {
	own := w.citizens[topic]
	words := []string{w.shared[w.random.IntN(sharedWords)], own[w.random.IntN(len(own))], own[w.random.IntN(len(own))], w.shared[w.random.IntN(sharedWords)]}
	w.random.Shuffle(len(words), func(i, k int) { words[i], words[k] = words[k], words[i] })
	return strings.Join(words, " ")
}

// tally counts where replies of one kind went.
type tally struct{ all, right, wrong, manual int }

func (w *town) distribute(day []reply) map[string]*tally {
	counts := map[string]*tally{"in all": {}}
	for _, r := range day {
		w.count(counts, r, w.set.Decide(r.input))
	}
	return counts
}

func (w *town) count(counts map[string]*tally, r reply, decision routing.Decision) {
	if counts[r.kind] == nil {
		counts[r.kind] = &tally{}
	}
	for _, c := range []*tally{counts[r.kind], counts["in all"]} {
		c.all++
		switch {
		case decision.Manual:
			c.manual++
		case w.right(r, decision.Mailbox):
			c.right++
		default:
			c.wrong++
		}
	}
}

// right says whether a mailbox, or that which it stands in for, is what a writer meant.
func (w *town) right(r reply, mailbox string) bool {
	if r.topic < 0 {
		return false
	}
	meant := w.mailbox[r.topic]
	return mailbox == name("mailbox", meant) || meant == denied && mailbox == name("mailbox", deputy)
}

func TestADayOfDecisions(t *testing.T) {
	w := newTown(t, *seed)
	day := w.day(*replies)
	begun := time.Now()
	counts := w.distribute(day)
	took := time.Since(begun)
	show(t, counts)
	t.Logf("seed %d: %d decisions in %v, %.0f a second", *seed, len(day), took.Round(time.Millisecond), float64(len(day))/took.Seconds())
	c := counts["in all"]
	if c.all != len(day) || c.right+c.wrong+c.manual != len(day) {
		t.Errorf("%d of %d replies ended somewhere", c.right+c.wrong+c.manual, len(day))
	}
	if share(c.right, c) < 75 || share(c.wrong, c) > 12 {
		t.Errorf("right %.1f %%, misrouted %.1f %%", share(c.right, c), share(c.wrong, c))
	}
	if counts["spam"].wrong > counts["spam"].all/20 {
		t.Errorf("%d of %d spam mails lie in function mailboxes", counts["spam"].wrong, counts["spam"].all)
	}
	if counts["case"].right != counts["case"].all || counts["company"].right == 0 {
		t.Error("cases or companies are not found")
	}
}

func show(t testing.TB, counts map[string]*tally) {
	for _, kind := range []string{"answer to a transfer", "case", "contact point", "free mail", "company", "forwarded link", "spam", "in all"} {
		c := counts[kind]
		t.Logf("%-22s %6d   right %5.1f %%   misrouted %5.1f %%   manual %5.1f %%", kind, c.all, share(c.right, c), share(c.wrong, c), share(c.manual, c))
	}
}

func share(n int, of *tally) float64 { return 100 * float64(n) / float64(max(of.all, 1)) }

func TestOneSeedIsOneDay(t *testing.T) {
	one, two := newTown(t, 7), newTown(t, 7)
	if one.set.Fingerprint() != two.set.Fingerprint() || fmt.Sprint(one.day(500)) != fmt.Sprint(two.day(500)) {
		t.Error("the same seed gives another day")
	}
	if newTown(t, 8).set.Fingerprint() == one.set.Fingerprint() {
		t.Error("another seed gives the same town")
	}
}
