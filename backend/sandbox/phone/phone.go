// Package phone is the sandbox's gateway for text messages: whoever gets one has
// a telephone among the mailboxes of the simulated Outlook, where it can be read.
//
// Invariant: nothing leaves the machine. Failure: what is no text message is
// answered with 400, without the gateway's secret with 401.
package phone

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"senddigitally/backend/sandbox/mail"
)

// Authorization is what the gateway wants in that header.
const Authorization = "Bearer sandbox"

// Address is the mailbox in which a telephone's text messages lie.
func Address(number string) string { return strings.TrimPrefix(number, "+") + "@phone.example" }

var number = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

type message struct{ To, From, Text string }

// Gateway takes text messages as package sms sends them by default.
func Gateway(store *mail.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m message
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&m)
		switch {
		case r.Header.Get("Authorization") != Authorization:
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method != http.MethodPost || err != nil || !number.MatchString(m.To) || m.Text == "":
			w.WriteHeader(http.StatusBadRequest)
		case ring(store, m) != nil:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusAccepted)
		}
	})
}

// ring lets a telephone have a message.
func ring(store *mail.Store, m message) error {
	address := Address(m.To)
	if _, err := store.Mailbox(address); err != nil {
		if _, err := store.AddMailbox(mail.Mailbox{Address: address, Name: "Telephone " + m.To, Kind: mail.External}); err != nil {
			return err
		}
	}
	own := []mail.Address{{Name: m.To, Address: address}}
	draft, err := store.CreateDraft(address, "", mail.Message{Subject: "Text message", Body: m.Text, From: mail.Address{Name: m.From, Address: address}, To: own})
	if err != nil {
		return err
	}
	return store.Send(address, draft.ImmutableID)
}
