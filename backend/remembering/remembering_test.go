package remembering_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/remembering"
	"senddigitally/backend/transfer"
)

type store map[string]map[string][]byte

func (s store) CreateSession(_ context.Context, hash string, values map[string][]byte, _ time.Duration) error {
	s[hash] = values
	return nil
}

func (s store) Session(_ context.Context, hash string) (map[string][]byte, error) {
	if values, ok := s[hash]; ok {
		return values, nil
	}
	return nil, transfer.E(transfer.NotFound, "unknown")
}

type gate struct{ err error }

func (g gate) Check(context.Context, access.Actor, access.Action, access.Resource) error {
	return g.err
}

var (
	who   = transfer.Caller{Tenant: "t", Subject: "caseworker"}
	other = transfer.Caller{Tenant: "t", Subject: "colleague"}
	all   = remembering.Defaults{ExpiryDays: 14, Language: "da", Code: transfer.CodePassword, ReplyMailbox: "building", ReplyTopic: "permits",
		NotifyOnOpen: true, NotifyOnDownload: true, ConfirmUpload: true, ShowFileNames: true, Signature: "The caseworker, Building"}
)

func rig(t *testing.T, kept store, denied error, policy transfer.Policy) *remembering.Remembering {
	t.Helper()
	r, err := remembering.New(kept, gate{denied}, transfer.NewNamer(make([]byte, 32)), bytes.Repeat([]byte{7}, 32),
		func(transfer.TenantID) transfer.Policy { return policy },
		func(_ transfer.TenantID, mailbox, topic string) bool {
			return mailbox == "building" && (topic == "" || topic == "permits")
		})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestChoicesComeBackToTheirCallerAlone(t *testing.T) {
	kept := store{}
	r := rig(t, kept, nil, transfer.StrictPolicy())
	if err := r.Keep(t.Context(), who, all); err != nil {
		t.Fatal(err)
	}
	if got, made, err := r.Recall(t.Context(), who); err != nil || !made || got != all {
		t.Errorf("%+v %v %v", got, made, err)
	}
	if got, made, err := r.Recall(t.Context(), other); err != nil || made || got != (remembering.Defaults{}) {
		t.Errorf("the colleague has %+v", got)
	}
	for name, values := range kept {
		if strings.Contains(name+string(values["defaults"]), "caseworker") || bytes.Contains(values["defaults"], []byte("building")) {
			t.Error("the choices lie in the clear")
		}
	}
}

func TestChoicesOfAnotherCallerOrDamagedOnesAreNone(t *testing.T) {
	kept := store{}
	r := rig(t, kept, nil, transfer.StrictPolicy())
	for _, c := range []transfer.Caller{who, other} {
		if err := r.Keep(t.Context(), c, all); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for name := range kept {
		names = append(names, name)
	}
	kept[names[0]], kept[names[1]] = kept[names[1]], kept[names[0]]
	if _, made, err := r.Recall(t.Context(), who); made || err != nil {
		t.Errorf("swapped choices were taken: %v", err)
	}
	kept[names[0]] = map[string][]byte{"defaults": []byte("short")}
	kept[names[1]] = nil
	if _, made, err := r.Recall(t.Context(), other); made || err != nil {
		t.Errorf("damaged choices were taken: %v", err)
	}
}

func TestWhatPolicyForbidsIsNeitherKeptNorRecalled(t *testing.T) {
	for name, change := range map[string]func(*remembering.Defaults){
		"expiry":    func(d *remembering.Defaults) { d.ExpiryDays = 31 },
		"negative":  func(d *remembering.Defaults) { d.ExpiryDays = -1 },
		"language":  func(d *remembering.Defaults) { d.Language = "fr" },
		"code":      func(d *remembering.Defaults) { d.Code = transfer.CodeNone },
		"mailbox":   func(d *remembering.Defaults) { d.ReplyMailbox = "gone" },
		"topic":     func(d *remembering.Defaults) { d.ReplyTopic = "gone" },
		"signature": func(d *remembering.Defaults) { d.Signature = strings.Repeat("ø", remembering.MaxSignature+1) },
	} {
		d := all
		change(&d)
		if err := rig(t, store{}, nil, transfer.StrictPolicy()).Keep(t.Context(), who, d); transfer.CodeOf(err) != transfer.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	kept := store{}
	if err := rig(t, kept, nil, transfer.StrictPolicy()).Keep(t.Context(), who, all); err != nil {
		t.Fatal(err)
	}
	stricter := transfer.StrictPolicy()
	stricter.MaxExpiry, stricter.Codes = 7*24*time.Hour, []transfer.CodeKind{transfer.CodeGenerated}
	got, made, err := rig(t, kept, nil, stricter).Recall(t.Context(), who)
	if err != nil || !made || got.ExpiryDays != 0 || got.Code != "" || got.Language != "da" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestKeepingIsForStaffOnly(t *testing.T) {
	kept := store{}
	err := rig(t, kept, transfer.E(transfer.Forbidden, "no"), transfer.StrictPolicy()).Keep(t.Context(), who, all)
	if transfer.CodeOf(err) != transfer.Forbidden || len(kept) != 0 {
		t.Error(err)
	}
}
