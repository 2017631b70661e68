// Package graph is the sandbox's Microsoft Graph: the parts of the v1.0 Outlook mail
// API that the product uses, over plain HTTP, on top of the sandbox's mail store and
// directory.
//
// It answers with properties of Microsoft's published data model only, refuses what the
// documentation says Graph refuses, and keeps the documented limits, so that a client
// that gets along here has at least read the manual. Where Microsoft documents nothing,
// it takes the unkinder assumption and says so at the place.
//
// Invariant: nobody reads or changes a mailbox without a token of the sandbox's
// directory that permits it. On failure the answer is Graph's error object with a
// request id, and the mailbox is unchanged, except after a 504 on purpose.
//
// Uploads go to a handler of their own (Server.Uploads), meant for another host or
// port, as in Exchange.
package graph
