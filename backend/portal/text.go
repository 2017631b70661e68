package portal

import (
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"senddigitally/backend/opening"
)

type textPage struct {
	page
	opening.Message
	Text    string
	Path    string
	History []opening.Past
}

// plain shows the whole conversation as text on one page: for whoever prefers
// it, for printing, and for "save as PDF" of the browser's print.
func (p *portal) plain(c *gin.Context) {
	m, err := p.Opening.Read(c, seat(c))
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	view := textPage{page: p.page(c, p.words(c, m.Language), m.Tenant, "message.title"), Message: m, Path: seatPath(m.Seat)}
	view.Title = m.Subject
	kind, content, err := p.shown(c, m)
	if err == nil && content != nil {
		defer content.Close()
		view.Text, err = readText(kind, content)
	}
	if err == nil {
		view.History, err = p.Opening.History(c, m)
	}
	if err != nil {
		p.fail(c, err)
		return
	}
	p.render(c, http.StatusOK, "text.html", view)
}

func readText(kind string, content io.Reader) (string, error) {
	all, err := io.ReadAll(content)
	if err != nil || !strings.HasPrefix(kind, "text/html") {
		return string(all), err
	}
	return textOf(string(all)), nil
}

// The elements that begin a line of their own, and those that say nothing.
var (
	blocks = set("p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "dt", "dd", "section", "article", "header", "footer")
	silent = set("script", "style", "head", "title", "template", "noscript")
)

func set(names ...string) map[string]bool {
	all := map[string]bool{}
	for _, n := range names {
		all[n] = true
	}
	return all
}

// textOf is an HTML body as text: a line for each block, "- " before an item,
// the address behind a link.
func textOf(body string) string {
	var t textWriter
	tokens := html.NewTokenizer(strings.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(t.out.String())
		case html.TextToken:
			t.text(string(tokens.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			t.start(tokens.Token())
		case html.EndTagToken:
			t.end(tokens.Token().Data)
		}
	}
}

type textWriter struct {
	out    strings.Builder
	quiet  int    // depth of silent elements
	blank  int    // line ends at the end of out
	link   string // where the open link leads
	linked int    // where its text began
}

func (t *textWriter) text(s string) {
	words := strings.Join(strings.Fields(html.UnescapeString(s)), " ")
	if t.quiet > 0 || words == "" {
		return
	}
	if t.out.Len() > 0 && t.blank == 0 && strings.TrimLeft(s, " \t\r\n\u00a0") != s {
		t.out.WriteByte(' ')
	}
	t.out.WriteString(words)
	if strings.TrimRight(s, " \t\r\n") != s {
		t.out.WriteByte(' ')
	}
	t.blank = 0
}

func (t *textWriter) line(n int) {
	for ; t.blank < n && t.out.Len() > 0; t.blank++ {
		t.out.WriteByte('\n')
	}
}

func (t *textWriter) start(token html.Token) {
	switch {
	case silent[token.Data] && token.Type == html.StartTagToken:
		t.quiet++
	case token.Data == "p":
		t.line(2)
	case blocks[token.Data]:
		t.line(1)
	case token.Data == "a":
		t.link, t.linked = "", t.out.Len()
		for _, a := range token.Attr {
			if a.Key == "href" {
				t.link = a.Val
			}
		}
	}
	if token.Data == "li" && t.quiet == 0 {
		t.out.WriteString("- ")
		t.blank = 0
	}
}

func (t *textWriter) end(name string) {
	switch {
	case silent[name]:
		t.quiet = max(0, t.quiet-1)
	case name == "p":
		t.line(2)
	case blocks[name]:
		t.line(1)
	case name == "a":
		shown := t.out.String()[t.linked:]
		if strings.HasPrefix(t.link, "http") && !strings.Contains(shown, t.link) {
			t.out.WriteString(" <" + t.link + ">")
		}
		t.link = ""
	}
}
