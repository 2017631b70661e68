package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// conversation answers the conversation that a message belongs to in this mailbox:
// that of a message it refers to by In-Reply-To or References, provided that both have
// the same subject apart from prefixes; else a new one. Exchange Online's own way of
// grouping is not published; that a reference is needed and that another subject splits
// is what can be seen of it. Each mailbox has conversation ids of its own.
func (b *box) conversation(m Message) string {
	for _, id := range referenced(m) {
		for _, other := range b.messages {
			if other.InternetMessageID == id && topic(other.Subject) == topic(m.Subject) {
				return other.ConversationID
			}
		}
	}
	return newConversationID()
}

// referenced answers the message ids a message refers to, the nearest first.
func referenced(m Message) []string {
	ids := strings.Fields(m.Property(InReplyTo))
	references := strings.Fields(m.Property(References))
	for i := len(references) - 1; i >= 0; i-- {
		ids = append(ids, references[i])
	}
	return ids
}

// topic is the subject without its prefix: one to three characters other than digits,
// a colon and a space ([MS-OXCMSG] PidTagSubjectPrefix, PidTagNormalizedSubject), as
// often as it occurs. "Antw: " is longer and therefore part of the topic.
func topic(subject string) string {
	for {
		prefix, rest, found := strings.Cut(subject, ": ")
		if !found || !isPrefix(prefix) {
			return strings.ToLower(strings.TrimSpace(subject))
		}
		subject = rest
	}
}

func isPrefix(prefix string) bool {
	n := utf8.RuneCountInString(prefix)
	return n >= 1 && n <= 3 && !strings.ContainsFunc(prefix, func(r rune) bool {
		return unicode.IsDigit(r) || unicode.IsSpace(r)
	})
}

// Reply prepares what Outlook's Reply button composes: to the reply-to addresses or
// else the sender, with the subject prefixed and the thread kept. It is not saved.
func Reply(to Message) Message {
	recipients := to.ReplyTo
	if len(recipients) == 0 {
		recipients = []Address{to.From}
	}
	subject := to.Subject
	if topic(subject) == strings.ToLower(strings.TrimSpace(subject)) {
		subject = "Re: " + subject
	}
	return Message{
		Subject: subject,
		To:      append([]Address(nil), recipients...),
		Properties: []Property{
			{InReplyTo, to.InternetMessageID},
			{References, strings.TrimSpace(to.Property(References) + " " + to.InternetMessageID)},
		},
	}
}
