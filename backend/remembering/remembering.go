// Package remembering keeps the choices that follow a caseworker from machine
// to machine: her defaults for what she sends, and her signature.
//
// Invariant: what is kept is sealed under a key of the installation and bound to
// its caller; the ledger sees a keyed hash and ciphertext. What the policy does
// not allow any more is left out when it is read.
//
// Failure: choices that are lost, or cannot be opened, are as if never made:
// the organisation's defaults hold.
package remembering

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Defaults are a caseworker's choices. The zero value of each is no choice.
type Defaults struct {
	ExpiryDays       int               `json:"expiryDays,omitempty"`
	Language         string            `json:"language,omitempty"`
	Code             transfer.CodeKind `json:"code,omitempty"`
	ReplyMailbox     string            `json:"replyMailbox,omitempty"`
	ReplyTopic       string            `json:"replyTopic,omitempty"`
	NotifyOnOpen     bool              `json:"notifyOnOpen,omitempty"`
	NotifyOnDownload bool              `json:"notifyOnDownload,omitempty"`
	ConfirmUpload    bool              `json:"confirmUpload,omitempty"`
	ShowFileNames    bool              `json:"showFileNames,omitempty"`
	Signature        string            `json:"signature,omitempty"` // below the sender's words in notifications
}

// MaxSignature is the longest signature, in characters.
const MaxSignature = 500

// kept is how long choices last without being made again.
const kept = 400 * 24 * time.Hour

// Store keeps small sealed values for a time.
type Store interface {
	CreateSession(ctx context.Context, hash string, values map[string][]byte, ttl time.Duration) error
	Session(ctx context.Context, hash string) (map[string][]byte, error)
}

// Gate authorises and audits.
type Gate interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, on access.Resource) error
}

// Remembering is the use case.
type Remembering struct {
	store  Store
	gate   Gate
	namer  transfer.Namer
	aead   cipher.AEAD
	policy func(transfer.TenantID) transfer.Policy
	known  func(tenant transfer.TenantID, mailbox, topic string) bool
}

// New makes the use case; key is 32 bytes of the installation for nothing else.
// known says whether a reply mailbox and topic are in the routing file.
func New(store Store, gate Gate, namer transfer.Namer, key []byte, policy func(transfer.TenantID) transfer.Policy,
	known func(tenant transfer.TenantID, mailbox, topic string) bool) (*Remembering, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, transfer.Wrap(transfer.Internal, "the key for settings cannot be used", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, transfer.Wrap(transfer.Internal, "the key for settings cannot be used", err)
	}
	return &Remembering{store, gate, namer, aead, policy, known}, nil
}

// Keep replaces a caller's choices. Invalid says that the policy forbids one.
func (r *Remembering) Keep(ctx context.Context, caller transfer.Caller, d Defaults) error {
	if err := r.gate.Check(ctx, access.Staff(caller), access.ReadSettings, access.Resource{Tenant: caller.Tenant}); err != nil {
		return err
	}
	if utf8.RuneCountInString(d.Signature) > MaxSignature || r.allowed(caller.Tenant, d) != d {
		return transfer.E(transfer.Invalid, "a default is not allowed here")
	}
	text, err := json.Marshal(d)
	if err != nil {
		return transfer.Wrap(transfer.Internal, "the settings cannot be written", err)
	}
	name := r.name(caller)
	sealed := r.aead.Seal(nil, nil, text, []byte(name))
	return r.store.CreateSession(ctx, name, map[string][]byte{"defaults": sealed}, kept)
}

// Recall is what a caller chose, as far as it is still allowed; made is false
// for a caller who never chose, or whose choices are lost.
func (r *Remembering) Recall(ctx context.Context, caller transfer.Caller) (d Defaults, made bool, err error) {
	name := r.name(caller)
	values, err := r.store.Session(ctx, name)
	if transfer.CodeOf(err) == transfer.NotFound {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	text, err := r.aead.Open(nil, nil, values["defaults"], []byte(name))
	if err != nil || json.Unmarshal(text, &d) != nil {
		return Defaults{}, false, nil
	}
	return r.allowed(caller.Tenant, d), true, nil
}

func (r *Remembering) name(caller transfer.Caller) string {
	return "defaults:" + r.namer.Hash("defaults", string(caller.Tenant), caller.Subject)
}

// allowed leaves out what the policy does not allow.
func (r *Remembering) allowed(tenant transfer.TenantID, d Defaults) Defaults {
	p := r.policy(tenant)
	if d.ExpiryDays < 0 || time.Duration(d.ExpiryDays)*24*time.Hour > p.MaxExpiry {
		d.ExpiryDays = 0
	}
	if !slices.Contains(p.Languages, d.Language) {
		d.Language = ""
	}
	if !slices.Contains(p.Codes, d.Code) {
		d.Code = ""
	}
	if d.ReplyMailbox == "" || !r.known(tenant, d.ReplyMailbox, d.ReplyTopic) {
		d.ReplyMailbox, d.ReplyTopic = "", ""
	}
	return d
}
