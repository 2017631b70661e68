package addin

import (
	"encoding/json"
	"html"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

var page = Page{
	Config: Config{
		ClientID: "8b7c0000-0000-4000-8000-000000000001", Authority: `https://login.example/"><script>alert(1)</script>&amp;`,
		API: "https://api.example", Scope: "api://8b7c/access_as_user",
	},
	OfficeJS: `https://outlook.example/office.js?a=1&b="x"`,
	Nonce:    "bm9uY2U=",
}

func TestTheBuiltPaneIsComplete(t *testing.T) {
	text, err := fs.ReadFile(Files, TaskPaneFile)
	if err != nil {
		t.Fatal(err)
	}
	scripts := regexp.MustCompile(`src="\./(assets/[^"]+\.js)"`).FindAllStringSubmatch(string(text), -1)
	if len(scripts) == 0 {
		t.Fatal("the page loads no script")
	}
	for _, script := range scripts {
		if info, err := fs.Stat(Files, script[1]); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", script[1], err)
		}
	}
}

func TestTheConfigurationArrivesAsItWas(t *testing.T) {
	text, err := TaskPane(page)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`name="sd-config" content="([^"]*)"`).FindSubmatch(text)
	if found == nil {
		t.Fatal("no configuration in the page")
	}
	var got Config
	if err := json.Unmarshal([]byte(html.UnescapeString(string(found[1]))), &got); err != nil {
		t.Fatal(err)
	}
	if got != page.Config {
		t.Errorf("got %+v, want %+v", got, page.Config)
	}
}

func TestValuesStayInsideTheirAttributes(t *testing.T) {
	text, err := TaskPane(page)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	for _, wrong := range []string{"%%", "<script>alert", `b="x"`} {
		if strings.Contains(got, wrong) {
			t.Errorf("the page contains %q", wrong)
		}
	}
	for _, right := range []string{`nonce="bm9uY2U="`, `src="https://outlook.example/office.js?a=1&amp;b=&#34;x&#34;"`} {
		if !strings.Contains(got, right) {
			t.Errorf("the page lacks %q", right)
		}
	}
}

func TestThePageHoldsNoInlineScript(t *testing.T) {
	text, err := fs.ReadFile(Files, TaskPaneFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range regexp.MustCompile(`(?s)<script[^>]*>(.*?)</script>`).FindAllSubmatch(text, -1) {
		if len(tag[1]) > 0 {
			t.Errorf("inline script: %s", tag[1])
		}
	}
	if regexp.MustCompile(`\son[a-z]+=|\sstyle=`).Match(text) {
		t.Error("the page holds an event handler or a style attribute")
	}
}

func TestContentPolicy(t *testing.T) {
	want := "default-src 'none'; script-src 'self' https://outlook.example; style-src 'nonce-bm9uY2U='; " +
		"img-src 'self' data:; connect-src 'self' https://api.example https://outlook.example; " +
		"base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors https://outlook.example"
	if got := ContentPolicy(page, "https://outlook.example"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := ContentPolicy(Page{}); !strings.HasSuffix(got, "frame-ancestors 'none'") ||
		!strings.Contains(got, "script-src 'self' https://appsforoffice.microsoft.com;") {
		t.Errorf("got %s", got)
	}
}

func TestIconsOfEverySize(t *testing.T) {
	icons, err := fs.Glob(Files, "icons/icon-*.png")
	if err != nil || len(icons) != 14 {
		t.Errorf("%d icons, %v", len(icons), err)
	}
}

func TestTheSignInPageIsFilledInAndFramedByNobody(t *testing.T) {
	text, err := SignInPage(page)
	if err != nil || strings.Contains(string(text), "%%") {
		t.Fatalf("%v in\n%s", err, text)
	}
	policy := SignInPolicy(Page{Config: Config{Authority: "https://login.example/tenant"}, Nonce: "n"})
	if !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "connect-src 'self' https://appsforoffice.microsoft.com https://login.example") {
		t.Error(policy)
	}
	if strings.Contains(ContentPolicy(Page{Config: Config{Authority: "https://login.example/tenant"}}), "login.example") {
		t.Error("the pane itself may ask the authority")
	}
}
