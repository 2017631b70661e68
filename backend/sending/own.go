package sending

import (
	"strings"

	"golang.org/x/net/html"

	"senddigitally/backend/transfer"
)

// own is what stands above the line of a delivered reply that Outlook quotes.
func own(body, bodyType string) string {
	if bodyType != "text/html" {
		above, _, _ := strings.Cut(body, transfer.AnswerMark)
		return above
	}
	page, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return body
	}
	mark := marked(page)
	if mark == nil {
		return body
	}
	cutFrom(mark)
	var above strings.Builder
	if err := html.Render(&above, page); err != nil {
		return body
	}
	return above.String()
}

// marked is the text with the line's beginning.
func marked(page *html.Node) *html.Node {
	for n := range page.Descendants() {
		if n.Type == html.TextNode && strings.Contains(n.Data, transfer.AnswerMark) {
			return n
		}
	}
	return nil
}

// cutFrom removes a node, all that follows it, and what is empty then.
func cutFrom(n *html.Node) {
	for at := n; at != nil; at = at.Parent {
		for at.NextSibling != nil {
			at.Parent.RemoveChild(at.NextSibling)
		}
	}
	for n.Parent != nil && n.FirstChild == nil && n.Data != "body" {
		parent := n.Parent
		parent.RemoveChild(n)
		n = parent
	}
}
