package mail

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Send sends a message from its mailbox: every recipient gets a copy in the Inbox, the
// message itself goes to Sent Items under the same immutable id. An address outside
// the organisation gets an external mailbox; an unknown one inside bounces.
//
// A message that was sent already is sent once more. What Exchange does then is not
// documented; retries after 504 are known to deliver again (Microsoft Q&A 2286986),
// so the sandbox assumes the worse.
func (s *Store) Send(mailbox, id string) error {
	_, err := within(s, mailbox, func(b *box) (struct{}, error) {
		return struct{}{}, s.send(b, id)
	})
	return err
}

func (s *Store) send(b *box, id string) error {
	m := b.message(id)
	if m == nil {
		return notFound()
	}
	for _, check := range []func(*box, *Message) error{s.checkContent, s.checkSender, s.checkBehaviour, s.checkRate} {
		if err := check(b, m); err != nil {
			return err
		}
	}
	s.dispatch(b, m)
	if s.settings.TimeoutsAfterSend > 0 {
		s.settings.TimeoutsAfterSend--
		return Refuse(http.StatusGatewayTimeout, "UnknownError", "")
	}
	return nil
}

func (s *Store) checkContent(_ *box, m *Message) error {
	recipients := m.Recipients()
	for _, r := range recipients {
		if !strings.Contains(r.Address, "@") {
			return invalidRecipients()
		}
	}
	limit := s.settings.RecipientsPerMessage
	if len(recipients) == 0 || limit > 0 && len(recipients) > limit {
		return invalidRecipients()
	}
	if s.oversized(*m) {
		return tooLarge()
	}
	return nil
}

// checkSender holds From to the mailbox itself or one that its owner may send as.
func (s *Store) checkSender(b *box, m *Message) error {
	if normalAddress(m.From.Address) == b.Address {
		return nil
	}
	if from := s.find(m.From.Address); from != nil && from.MayOpen(b.Address) {
		return nil
	}
	return Refuse(http.StatusForbidden, "ErrorSendAsDenied",
		"The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.")
}

// checkBehaviour lets throttle@, temperror@ and denied@ among the recipients have
// their way.
func (s *Store) checkBehaviour(b *box, m *Message) error {
	for _, r := range m.Recipients() {
		var err error
		switch BehaviourOf(r.Address) {
		case Throttle:
			err = s.throttleSend(b, m.ImmutableID)
		case TempError:
			err = s.failSend(b, m.ImmutableID)
		case Denied:
			err = Refuse(http.StatusForbidden, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) throttleSend(b *box, id string) error {
	now := s.Now()
	until, known := b.silent[id]
	if !known {
		until = now.Add(s.settings.RetryAfter)
		b.silent[id] = until
	}
	if now.Before(until) {
		return throttled("Application is over its RequestRate limit.", until.Sub(now))
	}
	return nil
}

func (s *Store) failSend(b *box, id string) error {
	if b.attempts[id] >= s.settings.TemporaryErrors {
		return nil
	}
	b.attempts[id]++
	return &Error{http.StatusServiceUnavailable, "ErrorServerBusy", "The server cannot service this request right now. Try again later.", s.settings.RetryAfter}
}

// checkRate holds a mailbox of the organisation to the sending limits of Exchange
// Online (Microsoft Learn, "Exchange Online limits").
func (s *Store) checkRate(b *box, m *Message) error {
	if b.Kind == External {
		return nil
	}
	now := s.Now()
	var minute []sending
	recipients := len(m.Recipients())
	for _, sent := range b.sent {
		if sent.at.After(now.Add(-time.Minute)) {
			minute = append(minute, sent)
		}
		if sent.at.After(now.Add(-24 * time.Hour)) {
			recipients += sent.recipients
		}
	}
	if limit := s.settings.MessagesPerMinute; limit > 0 && len(minute) >= limit {
		return throttled("The sender has exceeded the message rate limit.", minute[len(minute)-limit].at.Add(time.Minute).Sub(now))
	}
	if limit := s.settings.RecipientsPerDay; limit > 0 && recipients > limit {
		return Refuse(http.StatusTooManyRequests, "ErrorSubmissionQuotaExceeded",
			"The message can't be submitted because the sender's submission quota was exceeded.")
	}
	return nil
}

// dispatch makes it so: sent item first, then the copies.
func (s *Store) dispatch(b *box, m *Message) {
	now := s.Now()
	b.sent = append(b.sent, sending{now, len(m.Recipients())})
	if m.Draft {
		m.Draft, m.Read = false, true
		m.Sent, m.Received = now, now
		m.ConversationID = b.conversationOfSent(m)
		s.file(b, m)
	}
	outgoing := m.clone()
	delivered := map[string]bool{}
	for _, r := range outgoing.Recipients() {
		if to := normalAddress(r.Address); !delivered[to] {
			delivered[to] = true
			s.deliver(outgoing, to)
		}
	}
}

// file moves the sent message to Sent Items, late when the settings say so.
func (s *Store) file(b *box, m *Message) {
	sent := b.folder(SentItems).ID
	if s.settings.SentItemDelay <= 0 {
		s.move(b, m, sent)
		return
	}
	s.noteMessage(b, Deleted, m)
	delete(b.messages, m.ImmutableID)
	s.after(s.settings.SentItemDelay, func() {
		m.ID = newID()
		s.put(b, sent, m)
	})
}

func (b *box) conversationOfSent(m *Message) string {
	if len(referenced(*m)) == 0 {
		return m.ConversationID
	}
	return b.conversation(*m)
}

// deliver brings a copy to one address, or a report back to the sender. Within
// the organisation an address may carry a tag (Microsoft Learn, "Plus Addressing
// in Exchange Online").
func (s *Store) deliver(m Message, to string) {
	if local, domainName, _ := strings.Cut(to, "@"); s.find(to) == nil && s.internal(domainName) {
		local, _, _ = strings.Cut(local, "+")
		to = local + "@" + domainName
	}
	switch {
	case BehaviourOf(to) == Bounce:
		s.bounce(m, to, Failure{"5.1.1", "550 5.1.1 The email account that you tried to reach does not exist"})
		return
	case s.find(to) == nil && s.internal(domain(to)):
		s.bounce(m, to, Failure{"5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"})
		return
	case s.find(to) == nil:
		s.addMailbox(Mailbox{Address: to, Name: nameOf(m, to), Kind: External})
	}
	var delay time.Duration
	if BehaviourOf(to) == Slow {
		delay = s.settings.SlowDelivery
	}
	s.after(delay, func() { s.arrive(m, to) })
}

// arrive lays the recipient's copy into the Inbox. Bcc and the sender's own categories
// and extended properties stay behind (categories are cleared in transport unless
// Set-TransportConfig says otherwise: ClearCategories); headers and threading travel.
func (s *Store) arrive(m Message, to string) {
	b := s.find(to)
	if b == nil {
		return
	}
	c := m.clone()
	c.ID, c.ImmutableID = "", ""
	c.Bcc, c.Categories = nil, nil
	c.Draft, c.Read = false, false
	c.Received = s.Now()
	c.Headers = s.authenticated(m, transportHeaders(m, c.Received))
	c.Properties = threadProperties(m)
	c.ConversationID = b.conversation(c)
	for i := range c.Attachments {
		c.Attachments[i].ID, c.Attachments[i].ImmutableID = newAttachmentID(), newImmutableAttachmentID()
	}
	s.put(b, b.folder(Inbox).ID, &c)
}

// authenticated stamps mail of the organisation's own senders, and takes the
// stamp from anybody else's (Microsoft Learn, "Header firewall").
func (s *Store) authenticated(m Message, headers []Header) []Header {
	headers = slices.DeleteFunc(headers, func(h Header) bool {
		return strings.HasPrefix(strings.ToLower(h.Name), "x-ms-exchange-organization-")
	})
	if from := s.find(m.From.Address); from != nil && from.Kind != External {
		headers = append(headers, Header{"X-MS-Exchange-Organization-AuthAs", "Internal"})
	}
	return headers
}

func threadProperties(m Message) []Property {
	var kept []Property
	for _, id := range []string{InReplyTo, References} {
		if value := m.Property(id); value != "" {
			kept = append(kept, Property{id, value})
		}
	}
	return kept
}

// internal tells whether the organisation itself receives mail for that domain.
func (s *Store) internal(domainName string) bool {
	for _, b := range s.boxes {
		if b.Kind != External && domain(b.Address) == domainName {
			return true
		}
	}
	return false
}

func nameOf(m Message, address string) string {
	for _, r := range m.Recipients() {
		if normalAddress(r.Address) == address {
			return r.Name
		}
	}
	return ""
}

func invalidRecipients() *Error {
	return Refuse(http.StatusBadRequest, "ErrorInvalidRecipients", "At least one recipient is not valid.")
}
