// Package transfer holds the domain's words: what a transfer, a recipient, a
// link, a reply and a policy are, how their manifest and journal read, and
// which state follows from them.
//
// Invariant: everything here is pure. A [State] depends on a [Manifest] and its
// journal alone, so the first acceptance, a retry, the reconciler and a rebuild
// after a lost ledger are the same replay.
//
// Failure: every error is an [Error] with a stable code for programs and a
// sentence that is safe to show; causes are for the log only.
package transfer
