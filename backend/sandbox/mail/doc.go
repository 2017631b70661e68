// Package mail is the sandbox's Exchange: mailboxes, folders, messages and the
// transport between them, held in memory.
//
// It exists so that the product can be tried and tested without a tenant. It
// models what is known about Exchange Online and says for each behaviour where
// that knowledge comes from; it proves the shape of the conversation, never
// Exchange itself.
//
// Invariant: a message lies in exactly one folder of one mailbox, and its
// immutable id never changes while it stays in that mailbox. Every value that
// leaves the store is a copy; only attachment content is shared, and nobody
// writes to it.
//
// On failure nothing has changed, with one intended exception: a send that
// answers 504 (Settings.TimeoutsAfterSend) has happened. All refusals are *Error
// in the vocabulary of Microsoft Graph.
//
// Some behaviours are switched by the local part of an address: throttle@,
// temperror@, denied@, bounce@ and slow@ (see Behaviour). A suffix after "+" is
// ignored, so throttle+2@ behaves like throttle@.
package mail
