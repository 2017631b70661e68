// Package identity says who is calling: a member of staff or an application by
// an access token from Entra, a recipient by a session that her link's code
// opened.
//
// Invariants: a token counts only when one of the configured tenants signed it
// with RS256, as a v2.0 access token for this product, now (Microsoft Learn,
// "Secure applications and APIs by validating claims"). ID tokens and tokens
// for Graph or any other audience are nobody's. A person is tenant and object
// id; names and addresses are for display. A session's id is random, known to
// the browser alone, and changes whenever the session may do more.
//
// On failure: Unauthenticated, with a detail that says nothing about the token;
// Unavailable when the tenant's signing keys cannot be had. Tokens, ids and
// cookies are in no error.
package identity
