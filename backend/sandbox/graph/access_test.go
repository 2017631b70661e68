package graph_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox/entra"
	"senddigitally/backend/sandbox/graph"
	"senddigitally/backend/sandbox/mail"
)

func TestWhoMayOpenWhichMailbox(t *testing.T) {
	r := newRig(t)
	r.add(mail.Mailbox{Address: "denied@municipality.example", Kind: mail.Shared, Members: []string{caseworker}})
	r.add(mail.Mailbox{Address: citizen, Kind: mail.External})
	reader := directory().GraphToken(caseID, []string{"Mail.Read"})
	unshared := directory().GraphToken(caseID, []string{"Mail.ReadWrite"})
	consented := directory().GraphAppToken(product, []string{"Mail.ReadWrite"})
	inbox := "/mailFolders/inbox"
	cases := []struct {
		name, token, path string
		status            int
		code              string
	}{
		{"own", asCaseworker(), "/me" + inbox, 200, ""},
		{"own by address", asCaseworker(), "/users/" + caseworker + inbox, 200, ""},
		{"own by id", asCaseworker(), "/users/" + caseID + inbox, 200, ""},
		{"read suffices to read", reader, "/me" + inbox, 200, ""},
		{"shared, member", asCaseworker(), "/users/" + building + inbox, 200, ""},
		{"shared, without the shared permission", unshared, "/users/" + building + inbox, 403, "ErrorAccessDenied"},
		{"shared, no member", asCaseworker(), "/users/" + service + inbox, 403, "ErrorAccessDenied"},
		{"somebody else", asCaseworker(), "/users/" + private + inbox, 403, "ErrorAccessDenied"},
		{"unknown mailbox", asCaseworker(), "/users/nobody@municipality.example" + inbox, 404, "ErrorInvalidUser"},
		{"outside", asCaseworker(), "/users/" + citizen + inbox, 404, "ErrorInvalidUser"},
		{"denied@", asCaseworker(), "/users/denied@municipality.example" + inbox, 403, "ErrorAccessDenied"},
		{"app, granted", asService(), "/users/" + service + inbox, 200, ""},
		{"app, not granted", asService(), "/users/" + building + inbox, 403, "ErrorAccessDenied"},
		{"app, tenant-wide consent", consented, "/users/" + building + inbox, 200, ""},
		{"app, me", asService(), "/me" + inbox, 400, "BadRequest"},
		{"no token", "", "/me" + inbox, 401, "InvalidAuthenticationToken"},
		{"for the product", directory().UserToken(caseID, []string{"access_as_user"}), "/me" + inbox, 401, "InvalidAuthenticationToken"},
		{"expired", directory().GraphToken(caseID, []string{"Mail.Read"}, entra.WithLifetime(-2*time.Hour, time.Hour)), "/me" + inbox, 401, "InvalidAuthenticationToken"},
		{"unsigned", directory().GraphToken(caseID, []string{"Mail.Read"}, entra.Unsigned()), "/me" + inbox, 401, "InvalidAuthenticationToken"},
		{"no such place", asCaseworker(), "/me/calendar", 400, "BadRequest"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := r.ask(c.token, "GET", c.path, nil)
			if got.t = t; c.code == "" {
				got.want(c.status)
			} else {
				got.refused(c.status, c.code)
			}
			if c.status == 401 && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
				t.Error("401 says how to authenticate")
			}
		})
	}
}

func TestWritingAndSendingNeedTheirPermissions(t *testing.T) {
	r := newRig(t)
	id := r.draft(asCaseworker(), "/me", object{"toRecipients": to(citizen)})
	reader := directory().GraphToken(caseID, []string{"Mail.Read"})
	r.ask(reader, "POST", "/me/messages", object{}).refused(403, "ErrorAccessDenied")
	r.ask(reader, "PATCH", "/me/messages/"+id, object{"isRead": true}).refused(403, "ErrorAccessDenied")
	writer := directory().GraphToken(caseID, []string{"Mail.ReadWrite"})
	r.ask(writer, "POST", "/me/messages/"+id+"/send", nil).refused(403, "ErrorAccessDenied")
	r.server.SetGrants(graph.Grant{Client: product, Roles: []string{"Mail.ReadWrite"}, Mailboxes: []string{service}})
	appID := r.draft(asService(), "/users/"+service, object{"toRecipients": to(citizen)})
	r.ask(asService(), "POST", "/users/"+service+"/messages/"+appID+"/send", nil).refused(403, "ErrorAccessDenied")
}

func TestUserProfile(t *testing.T) {
	r := newRig(t)
	me := r.ask(asCaseworker(), "GET", "/me?$select=id,mail", nil).want(200)
	if me.string("id") != caseID || me.string("mail") != caseworker || me.string("displayName") != "" {
		t.Errorf("got %s", me.text)
	}
}

func TestAMailboxHasFurtherAddresses(t *testing.T) {
	r := newRig(t)
	r.add(mail.Mailbox{Address: "anna@municipality.example", Kind: mail.User, Aliases: []string{"A.Nna@municipality.example"}})
	id := r.draft(asCaseworker(), "/me", object{"toRecipients": to("a.nna@municipality.example")})
	r.ask(asCaseworker(), "POST", "/me/messages/"+id+"/send", nil).want(202)
	inbox, err := r.store.Messages("anna@municipality.example", "inbox", nil)
	if err != nil || len(inbox) != 1 {
		t.Errorf("%d mails arrived: %v", len(inbox), err)
	}
}

func TestRejectedTokenBringsAClaimsChallenge(t *testing.T) {
	r := newRig(t)
	r.set(func(s *mail.Settings) { s.RejectedTokens = 1 })
	refused := r.ask(asCaseworker(), "GET", "/me", nil).refused(401, "InvalidAuthenticationToken")
	challenge := refused.header.Get("WWW-Authenticate")
	_, claims, found := strings.Cut(challenge, `claims="`)
	text, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(claims, `"`))
	if !found || err != nil || !strings.Contains(string(text), "access_token") {
		t.Errorf("challenge %s", challenge)
	}
	r.ask(asCaseworker(), "GET", "/me", nil).want(200)
}
