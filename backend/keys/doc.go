// Package keys keeps the keys: the keyring file with the installation's root
// secret and key-encryption keys, and the container with one wrapped data key
// for each transfer or reply.
//
// The hierarchy has three steps. A key-encryption key (KEK), in the keyring
// file or in a key service, wraps epoch keys; an epoch key, one for each tenant
// and KEK, seals the tenant's key records; a key record holds one data key. New
// records go under the epoch of the primary KEK. So a rotation rewraps a few
// epoch keys and touches no key record, which could otherwise race with its
// erasure and bring it back; a key service is asked once for each epoch, not
// for each transfer that is opened; and deleting the epoch keys of a tenant
// erases the tenant.
//
// Invariant: a key record is written once, for one data key, under one name
// ("tenant/hold/id"); while a move is under way or interrupted it may lie under
// two, never under none. Deleting it erases the transfer, in every copy of the
// vault.
//
// Failure: a record that does not authenticate gives Integrity. A KEK that the
// keyring lacks gives Unavailable, never a fresh key in place of the old one.
// Secrets print as nothing and never appear in an error.
package keys
