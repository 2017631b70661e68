package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/access"
	"senddigitally/backend/accesscode"
	"senddigitally/backend/catalogue"
	"senddigitally/backend/distributing"
	"senddigitally/backend/following"
	"senddigitally/backend/remembering"
	"senddigitally/backend/sending"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

type fileJSON struct {
	ID     transfer.FileID `json:"id"`
	Name   string          `json:"name"`
	Type   string          `json:"type"`
	Size   int64           `json:"size"`
	Check  string          `json:"check,omitempty"`
	Held   bool            `json:"held,omitempty"`
	Detail string          `json:"detail,omitempty"`
}

func fileView(f transfer.File) fileJSON {
	return fileJSON{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size}
}

func fileViews(files []transfer.File) []fileJSON {
	out := []fileJSON{}
	for _, f := range files {
		out = append(out, fileView(f))
	}
	return out
}

// checkedViews are files with how they stand in the check for malware.
func checkedViews(files []transfer.File, standings transfer.Standings, words catalogue.Words) []fileJSON {
	out := fileViews(files)
	for i := range out {
		s := standings[out[i].ID]
		out[i].Check, out[i].Held, out[i].Detail = s.Word, s.Held, words.Standing(s)
	}
	return out
}

// quarantine says why nothing has left yet, "" when it has or may.
func quarantine(d *transfer.Dossier, words catalogue.Words) string {
	switch check := d.State.Check; {
	case !d.InQuarantine():
		return ""
	case check.Holds():
		return words.Text("check.wait.held", nil)
	case check.Trouble != "":
		return words.Text("check.wait.unchecked", nil)
	}
	return words.Text("check.wait.checking", nil)
}

type progressView struct {
	Received int64 `json:"received"`
	Total    int64 `json:"total"`
}

type recipientView struct {
	ID         transfer.RecipientID `json:"id"`
	Name       string               `json:"name,omitempty"`
	Address    string               `json:"address"`
	Field      string               `json:"field"`
	Phone      string               `json:"phone,omitempty"`
	State      string               `json:"state"`
	NotifiedAt time.Time            `json:"notifiedAt,omitzero"`
	OpenedAt   time.Time            `json:"openedAt,omitzero"`
	RepliedAt  time.Time            `json:"repliedAt,omitzero"`
	RemindedAt time.Time            `json:"remindedAt,omitzero"`
	SignsIn    bool                 `json:"signsIn,omitempty"`
	Downloads  []downloadView       `json:"downloads,omitempty"`
	Reason     transfer.Code        `json:"reason,omitempty"`
	Detail     string               `json:"detail,omitempty"`
}

type downloadView struct {
	File  transfer.FileID `json:"file"`
	Times int             `json:"times"`
}

// downloadViews says how often a recipient fetched each file, in the message's order.
func downloadViews(files []transfer.File, counts map[transfer.FileID]int) []downloadView {
	var out []downloadView
	for _, f := range files {
		if n := counts[f.ID]; n > 0 {
			out = append(out, downloadView{f.ID, n})
		}
	}
	return out
}

type transferView struct {
	ID           transfer.ID       `json:"id"`
	State        transfer.Phase    `json:"state"`
	Progress     progressView      `json:"progress"`
	Reason       transfer.Code     `json:"reason,omitempty"`
	Detail       string            `json:"detail,omitempty"`
	Sender       *partyView        `json:"sender,omitempty"`
	Subject      string            `json:"subject,omitempty"`
	AcceptedAt   time.Time         `json:"acceptedAt,omitzero"`
	ExpiresAt    time.Time         `json:"expiresAt,omitzero"`
	UndoUntil    time.Time         `json:"undoUntil,omitzero"`
	Encrypted    bool              `json:"encrypted,omitempty"`
	Filed        bool              `json:"filed,omitempty"`
	CodeKind     transfer.CodeKind `json:"codeKind,omitempty"`
	Code         string            `json:"code,omitempty"`
	ReplyMailbox string            `json:"replyMailbox,omitempty"`
	ReplyTopic   string            `json:"replyTopic,omitempty"`
	CaseID       string            `json:"caseId,omitempty"`
	Request      transfer.Request  `json:"request,omitempty"`
	Quarantine   string            `json:"quarantine,omitempty"`
	Files        []fileJSON        `json:"files,omitempty"`
	Recipients   []recipientView   `json:"recipients,omitempty"`
}

type transferPage struct {
	Transfers []transferView `json:"transfers"`
	Next      string         `json:"next,omitempty"`
}

func (a *API) transferView(c *gin.Context, v following.View) transferView {
	r := v.Record
	out := transferView{ID: r.ID, State: r.Phase, Progress: progressView{r.Progress, r.Size}, ExpiresAt: r.ExpiresAt}
	if r.Phase == transfer.Failing {
		out.Reason = r.Reason
		_, out.Detail = web.Words(c).Error(transfer.E(r.Reason, ""))
	}
	if v.Dossier != nil {
		fill(&out, v.Dossier, web.Words(c))
	}
	return out
}

func fill(out *transferView, d *transfer.Dossier, words catalogue.Words) {
	m, s := d.Manifest, d.State
	out.Progress = progressView{m.Size(), m.Size()}
	sender := party(m.Sender)
	out.Sender = &sender
	out.Subject, out.AcceptedAt, out.ExpiresAt, out.UndoUntil = m.Subject, m.AcceptedAt, s.ExpiresAt, s.UndoUntil
	out.Encrypted, out.Filed = true, s.Effects[sending.FiledEffect].Outcome == transfer.Done
	out.CodeKind = s.Code.Kind
	out.ReplyMailbox, out.ReplyTopic, out.CaseID = m.Options.ReplyMailbox, m.Options.ReplyTopic, m.Options.CaseID
	out.Request, out.Quarantine = m.Options.Request, quarantine(d, words)
	out.Files = checkedViews(m.Files, d.Standings(), words)
	if slices.ContainsFunc(m.Recipients, func(r transfer.Recipient) bool { return !d.SignsIn(r.ID) }) {
		out.Code, _ = accesscode.Recall(s.Code, d.Key, m.ID)
	}
	for _, r := range m.Recipients {
		state := s.Recipients[r.ID]
		view := recipientView{ID: r.ID, Name: r.Name, Address: r.Address, Field: r.Field, Phone: r.Phone,
			State: state.Word(), NotifiedAt: state.Notified, OpenedAt: state.Opened, RepliedAt: state.Replied, RemindedAt: state.Reminded, SignsIn: d.SignsIn(r.ID),
			Downloads: downloadViews(m.Files, state.Downloaded), Reason: state.Failed}
		if state.Failed != "" {
			_, view.Detail = words.Error(transfer.E(state.Failed, ""))
		}
		out.Recipients = append(out.Recipients, view)
	}
}

type replyView struct {
	ID         transfer.ID    `json:"id"`
	State      transfer.Phase `json:"state"`
	ReceivedAt time.Time      `json:"receivedAt"`
	Subject    string         `json:"subject,omitempty"`
	Sender     string         `json:"sender,omitempty"`
	Files      []fileJSON     `json:"files,omitempty"`
	Mailbox    string         `json:"mailbox,omitempty"`
	Why        []string       `json:"why,omitempty"`
	Cause      transfer.Code  `json:"cause,omitempty"`
	Detail     string         `json:"detail,omitempty"`
}

type replyPage struct {
	Replies []replyView `json:"replies"`
	Next    string      `json:"next,omitempty"`
}

func (a *API) replyView(c *gin.Context, d *transfer.Dossier) replyView {
	m := d.Manifest
	out := replyView{ID: m.ID, State: d.State.PhaseAt(m.Kind, a.Clock()), ReceivedAt: m.AcceptedAt,
		Subject: m.Subject, Sender: m.Sender.Address, Files: checkedViews(m.Files, d.Standings(), web.Words(c))}
	if decision, err := distributing.Decision(d); err == nil {
		out.Mailbox, out.Why = decision.Mailbox, decision.Explain(web.Words(c).Language())
	}
	if out.Cause = d.State.Delivery().Reason; out.Cause != "" {
		_, out.Detail = web.Words(c).Error(transfer.E(out.Cause, ""))
	}
	return out
}

type settingsView struct {
	Caller    callerView           `json:"caller"`
	Policy    policyView           `json:"policy"`
	Mailboxes []mailboxView        `json:"mailboxes"`
	Defaults  remembering.Defaults `json:"defaults"`
}

type callerView struct {
	Name    string          `json:"name"`
	Address string          `json:"address"`
	Roles   []transfer.Role `json:"roles"`
}

type policyView struct {
	Organisation     string              `json:"organisation"`
	ExpiryDays       int                 `json:"expiryDays"`
	MaxExpiryDays    int                 `json:"maxExpiryDays"`
	MaxTransferBytes int64               `json:"maxTransferBytes"`
	MaxFileBytes     int64               `json:"maxFileBytes"`
	MaxFiles         int                 `json:"maxFiles"`
	MaxRecipients    int                 `json:"maxRecipients"`
	Codes            []transfer.CodeKind `json:"codes"`
	MinPassword      int                 `json:"minPassword"`
	PhoneCountry     string              `json:"phoneCountry"`
	Languages        []string            `json:"languages"`
	SenderLinks      bool                `json:"senderLinks"`
	Alerts           transfer.Alerts     `json:"alerts"`
}

type mailboxView struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Address string      `json:"address"`
	Topics  []topicView `json:"topics"`
}

type topicView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (a *API) settings(c *gin.Context) {
	who := caller(c)
	if err := a.Gate.Check(c, access.Staff(who), access.ReadSettings, access.Resource{Tenant: who.Tenant}); err != nil {
		web.Problem(c, err)
		return
	}
	defaults, err := a.defaults(c, who)
	if err != nil {
		web.Problem(c, err)
		return
	}
	p := a.Policy(who.Tenant)
	roles := who.Roles
	if roles == nil {
		roles = []transfer.Role{}
	}
	c.JSON(http.StatusOK, settingsView{
		Caller: callerView{Name: who.Name, Address: who.Address, Roles: roles},
		Policy: policyView{Organisation: a.Organisation(who.Tenant).Name, ExpiryDays: days(p.Expiry), MaxExpiryDays: days(p.MaxExpiry),
			MaxTransferBytes: p.MaxTransferBytes, MaxFileBytes: p.MaxFileBytes, MaxFiles: p.MaxFiles, MaxRecipients: p.MaxRecipients,
			Codes: p.Codes, MinPassword: p.MinPassword, PhoneCountry: p.PhoneCountry, Languages: p.Languages,
			SenderLinks: p.SenderLinks, Alerts: p.Alerts},
		Mailboxes: a.mailboxes(c, who.Tenant),
		Defaults:  defaults,
	})
}

func days(d time.Duration) int { return int(d.Hours() / 24) }

func (a *API) mailboxes(c *gin.Context, tenant transfer.TenantID) []mailboxView {
	set, language := a.Routes(tenant), web.Words(c).Language()
	out := []mailboxView{}
	for _, m := range set.Mailboxes() {
		view := mailboxView{ID: m.ID, Name: m.Names.In(language, set.Language()), Address: m.Address, Topics: []topicView{}}
		for _, t := range set.Topics() {
			if t.Mailbox == m.ID {
				view.Topics = append(view.Topics, topicView{ID: t.ID, Name: t.Names.In(language, set.Language())})
			}
		}
		out = append(out, view)
	}
	return out
}
