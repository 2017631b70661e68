// Package graph is the product's hand in Outlook: it reads drafts on behalf of
// the caseworker, sends mail from the organisation's service mailboxes and reads
// the intake, through Microsoft Graph.
//
// Invariants: every request names the tenant that it is for, asks for immutable
// ids and passes that mailbox's gate, which keeps within Outlook's limits and
// stays silent as long as Outlook asked for. A token goes to the configured Graph
// host only; URLs that Outlook hands out (upload sessions, next pages) are followed
// to allowed hosts only. Attachments are streamed. A mail carries its final
// internet message id only once it is complete, so that whatever a look-up by that
// id finds may be sent.
//
// On failure every method answers a [transfer.Error]: SignInAgain, MailboxRefused,
// MailboxMissing, DraftNotFound, AttachmentRefused, TooLarge, OutlookBusy (with the
// parameter "retryAfter" in whole seconds) or OutlookUncertain, when a mail may or may
// not have left. Its cause names status and error code, never an address, a
// subject or a token.
package graph
