package outlook

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	productaddin "senddigitally/addin"
)

const settingsAnswer = `{"caller":{"name":"Caseworker","address":"` + Caseworker + `","roles":["Caseworker"]},
"policy":{"organisation":"Municipality","expiryDays":7,"maxExpiryDays":30,"maxTransferBytes":2000000000,"maxFileBytes":2000000000,"maxFiles":100,"maxRecipients":100,"codes":["generated","password"],"minPassword":8,"languages":["da","nb","nl","sv","de","en"]},
"mailboxes":[{"id":"children","name":"Children and Families","address":"` + Children + `","topics":[{"id":"daycare","name":"Day care"}]}],
"defaults":{"expiryDays":7,"language":"en","code":"generated"}}`

// productPane serves the product's own task pane with an API that knows the settings
// only, and tells which tokens it was shown.
func (s *stage) productPane(authority string, shown chan<- string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(productaddin.Files))
	mux.HandleFunc("GET /taskpane.html", func(w http.ResponseWriter, _ *http.Request) {
		page := productaddin.Page{
			Config:   productaddin.Config{ClientID: product, Authority: authority, Scope: "api://" + product + "/access_as_user"},
			OfficeJS: s.outlook + "/office.js", Nonce: "n0nce",
		}
		text, err := productaddin.TaskPane(page)
		if err != nil {
			s.Error(err)
		}
		w.Header().Set("Content-Security-Policy", productaddin.ContentPolicy(page, s.outlook))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(text)
	})
	mux.HandleFunc("GET /api/v1/settings", func(w http.ResponseWriter, r *http.Request) {
		select {
		case shown <- strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "):
		default:
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, settingsAnswer)
	})
	return mux
}

func TestTheProductsPaneSignsInThroughTheBridge(t *testing.T) {
	tenant := newTenant(t)
	shown := make(chan string, 1)
	s := &stage{T: t}
	s.open(tokensOf(tenant), s.productPane(tenant.Authority(), shown))
	b := s.browser(1280, 800)
	b.written(Caseworker)
	b.click("addin-Send.Button")
	select {
	case token := <-shown:
		if claims, err := tenant.Verify(token, product); err != nil || claims.Username != Caseworker {
			t.Errorf("the pane's token: %+v %v", claims, err)
		}
	case <-time.After(20 * time.Second):
		b.picture("failed")
		t.Fatal("the pane asked nothing of its API in 20 s")
	}
	b.do("the pane shows its form", chromedp.WaitVisible(chromedp.CSS(`[data-testid="drop"]`), b.within("pane-frame")))
	b.picture("product-pane-1280-light")
}
