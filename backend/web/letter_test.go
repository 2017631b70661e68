package web

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
)

type closing struct{ *strings.Reader }

func (closing) Close() error { return nil }

// served is a letter with one image that can be had, and how often it was asked for.
func served(kind string, content io.Reader) (page string, asked int, err error) {
	answer := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(answer)
	err = ServeLetter(c, kind, content, func(contentID string) (transfer.File, io.ReadSeekCloser, error) {
		asked++
		if contentID != "logo" {
			return transfer.File{}, nil, transfer.E(transfer.NotFound, "no such image")
		}
		return transfer.File{Type: "image/png", Size: 3}, closing{strings.NewReader("png")}, nil
	})
	return answer.Body.String(), asked, err
}

func TestALetterHasItsImagesInIt(t *testing.T) {
	page, asked, err := served("text/html", strings.NewReader(strings.Repeat(`<img src="cid:logo">`, 3)+`<img src="cid:gone">`))
	if err != nil || asked != 2 || strings.Count(page, "data:image/png;base64,cG5n") != 3 || strings.Contains(page, "cid:") {
		t.Errorf("%d images were asked for: %v\n%s", asked, err, page)
	}
	if page, asked, err = served("text/plain", strings.NewReader(`<img src="cid:logo">`)); err != nil || asked != 0 || !strings.Contains(page, "&lt;img") {
		t.Errorf("plain text is not shown as it is: %v\n%s", err, page)
	}
}

func TestALetterThatCannotBeReadAnswersNothing(t *testing.T) {
	broken := errors.New("broken")
	page, _, err := served("text/html", io.MultiReader(strings.NewReader("<p>half"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || page != "" {
		t.Errorf("%v, and %q", err, page)
	}
}
