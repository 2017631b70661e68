package outlook

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"senddigitally/backend/sandbox/mail"
)

// written opens a compose window with a message and an attachment.
func (b *browser) written(place string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "note.txt")
	if err := os.WriteFile(file, []byte("attached text"), 0o600); err != nil {
		b.Fatal(err)
	}
	b.open(place)
	b.click("new-message")
	b.typed("compose-to", "Citizen <citizen@post.example>; other@post.example")
	b.typed("compose-subject", "First subject")
	b.typed("compose-body", "Dear citizen")
	b.do("attach", chromedp.SetUploadFiles(chromedp.CSS(`[data-testid="compose-file"]`), []string{file}))
	b.sees(`[data-testid="compose-attachment"][data-name="note.txt"]`)
}

func TestThePaneAndTheComposeWindowUnderstandEachOther(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.written(Caseworker)
	b.click("addin-Send.Button")
	report := b.report()
	b.sees(`[data-testid="compose-attachment"][data-name="pane.txt"]`)
	b.picture("compose-1280-light")
	if report["error"] != nil {
		t.Fatal(report["error"])
	}

	t.Run("surroundings", func(t *testing.T) {
		expect(t, report, map[string]any{
			"info.host": "Outlook", "info.platform": "OfficeOnline",
			"surroundings.before": nil, "surroundings.large": "GenericSettingsError",
			"surroundings.language": "en-US", "surroundings.dark": false, "surroundings.nested": true,
			"surroundings.sets.0": true, "surroundings.sets.1": true, "surroundings.sets.2": false,
			"surroundings.user.emailAddress": Caseworker, "surroundings.user.displayName": "Caseworker",
		})
	})
	t.Run("bridge", func(t *testing.T) {
		expect(t, report, map[string]any{
			"bridge.init.success": true, "bridge.init.initContext.sdkName": "sandbox",
			"bridge.token.success": true, "bridge.token.messageType": "NestedAppAuthResponse",
			"bridge.token.token.access_token": "access " + Caseworker + " client api://client/access_as_user",
			"bridge.token.token.expires_in":   3600.0, "bridge.token.token.id_token": "id",
			"bridge.token.account.homeAccountId": "oid.tid", "bridge.token.account.username": Caseworker,
			"bridge.unknown.success": false, "bridge.unknown.error.status": "NESTED_APP_AUTH_UNAVAILABLE",
		})
	})
	t.Run("item", func(t *testing.T) {
		expect(t, report, map[string]any{
			"item.subject": "First subject", "item.body": "Dear citizen",
			"item.to.0.displayName": "Citizen", "item.to.0.emailAddress": Citizen, "item.to.1.emailAddress": "other@post.example",
			"item.attachments.0.name": "note.txt", "item.attachments.0.size": 13.0, "item.attachments.0.attachmentType": "file", "item.attachments.0.isInline": false,
			"item.content.format": "base64", "item.content.content": base64.StdEncoding.EncodeToString([]byte("attached text")),
			"item.changed.cc": true, "item.changed.to": false,
			"item.gone.status": "failed", "item.gone.error.name": "InvalidAttachmentId", "item.gone.error.code": 9003.0,
			"item.composeType.composeType": "newMail", "item.session": "v", "item.sharing": nil,
		})
	})
	t.Run("draft", func(t *testing.T) {
		m := b.only(Caseworker, mail.Drafts)
		rest, _ := at(report, "item.restId").(string)
		switch {
		case m.ID != rest:
			t.Errorf("the REST id %q does not name the draft %q", rest, m.ID)
		case m.Subject != "Changed by the pane" || len(m.To) != 2 || len(m.Cc) != 1:
			t.Errorf("the draft has subject %q, %d to, %d cc", m.Subject, len(m.To), len(m.Cc))
		case len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "from the pane":
			t.Errorf("the draft has %d attachments", len(m.Attachments))
		case m.Header("x-nonce") != "42":
			t.Errorf("the draft has headers %v", m.Headers)
		}
		const property = "String {00020329-0000-0000-C000-000000000046} Name cecp-" + addinID
		if got := m.Property(property); got != `{"sd.nonce":"fresh"}` {
			t.Errorf("the custom properties are %q", got)
		}
	})
}

func TestOnlyThePaneOfTheAddinsOriginIsAnswered(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.written(Caseworker)
	b.click("addin-Send.Button")
	b.report()
	open := ask(b, "speak as a stranger", chromedp.Evaluate[[]bool](`(async () => {
		const pane = document.querySelector('[data-testid=pane-frame]');
		const stranger = document.createElement('iframe');
		document.body.append(stranger);
		const origin = new URL(pane.src).origin;
		const open = [];
		for (const [from, source] of [[origin, stranger.contentWindow], ['http://stranger.example', pane.contentWindow], [origin, pane.contentWindow]]) {
			window.dispatchEvent(new MessageEvent('message', { data: { office: 1, id: 900, method: 'closeContainer' }, origin: from, source }));
			await new Promise((resolve) => setTimeout(resolve));
			open.push(pane.isConnected);
		}
		return open;
	})()`, chromedp.EvalAwaitPromise))
	if want := []bool{true, true, false}; !slices.Equal(open, want) {
		t.Errorf("after a stranger's frame, a stranger's origin and the pane itself the pane is open: %v, want %v", open, want)
	}
}

func TestAThemeChangeReachesTheOpenPane(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.written(Caseworker)
	b.click("addin-Send.Button")
	b.report()
	b.click("settings-open", "setting-view-dark")
	expect(t, b.report(), map[string]any{"theme.isDarkTheme": true, "theme.bodyForegroundColor": "#f1f4f5"})
	b.picture("settings-1280-dark")
	b.click("dialog-close")
	b.picture("compose-1280-dark")
}

func TestTheReadPaneKnowsTheMessage(t *testing.T) {
	s := newStage(t)
	d, err := s.store.CreateDraft(Citizen, "", mail.Message{Subject: "A reply", Body: "See https://portal.example/o/abc.", To: []mail.Address{{Address: Children}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Send(Citizen, d.ID); err != nil {
		t.Fatal(err)
	}
	b := s.browser(1280, 800)
	b.open(Caseworker + "/" + Children)
	b.click("message-row", "addin-Read.Button")
	report := b.report()
	b.picture("read-1280-light")
	expect(t, report, map[string]any{"error": nil, "item.subject": "A reply", "item.from": Citizen})
	if headers, _ := at(report, "item.headers").(string); !strings.Contains(headers, "Subject: A reply\r\n") {
		t.Errorf("headers: %q", headers)
	}
	if id, _ := at(report, "item.itemId").(string); strings.ContainsAny(id, "-_") {
		t.Errorf("%q is a REST id, not the EWS id that Outlook gives", id)
	}
}

func TestASharedMailboxSaysWhoseItIs(t *testing.T) {
	s := newStage(t)
	b := s.browser(1280, 800)
	b.written(Caseworker + "/" + Children)
	b.click("addin-Send.Button")
	expect(t, b.report(), map[string]any{"error": nil, "item.sharing.targetMailbox": Children, "item.sharing.owner": Children})
	s.only(Children, mail.Drafts)
}

// expect compares values at dotted paths.
func expect(t *testing.T, report map[string]any, wanted map[string]any) {
	t.Helper()
	for path, want := range wanted {
		if got := at(report, path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	if t.Failed() {
		text, _ := json.MarshalIndent(report, "", " ")
		t.Logf("%s", text)
	}
}

func at(value any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			value = nil
			if i := int(step[0] - '0'); i < len(v) {
				value = v[i]
			}
		default:
			return nil
		}
	}
	return value
}

func TestThePaneClosesTheWindowAndTheDraftIsDiscarded(t *testing.T) {
	b := newStage(t).browser(1280, 800)
	b.written(Caseworker)
	b.click("addin-Send.Button")
	b.report()
	b.do("finish", chromedp.Click(chromedp.CSS("#finish"), b.within("pane-frame")))
	b.misses(`[data-testid="compose"]`)
	b.misses(`[data-testid="pane"]`)
	b.only(Caseworker, mail.DeletedItems)
}
