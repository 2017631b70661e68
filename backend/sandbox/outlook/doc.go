// Package outlook is a simulated Outlook on the web, for the trial and the tests.
//
// It shows the mailboxes of sandbox/mail in a browser, lets a person write, read,
// answer and send ordinary mail, and puts the buttons of the add-in's manifest above
// the compose window and the reading pane. A button opens the add-in's real task
// pane in a frame of another origin. The pane loads /office.js from here instead of
// Microsoft's script: a stand-in for the parts of Office.js that the pane uses, which
// talks to the window around it by postMessage, a bridge for nested app
// authentication whose tokens come from the sandbox's Entra, and windows of the
// add-in's own, in which it signs in there by itself.
//
// Invariants: what Outlook has saved lies in the mail store, never only here, so that
// the backend finds it through Graph as late, or as early, as it would in life. A
// message body is shown in a sandboxed frame with a policy of its own and no scripts.
// Both ends of the conversation between window and pane check the other's origin.
//
// On failure a request answers JSON with Graph's error code and changes nothing; the
// page shows the sentence and stays usable. There is no sign-in: whoever reaches the
// port reads every mailbox, so it listens on loopback only and refuses foreign Host
// names and cross-origin writes.
package outlook
