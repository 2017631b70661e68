// Package vault keeps the content of transfers and replies: encrypted parts,
// the manifest that commits them, the journal beside it, and the tombstone that
// stays.
//
// Blob names, below the tenant's:
//
//	t/<shard>/<id>/part.<part id>        encrypted bytes of a file, format below
//	t/<shard>/<id>/part.<part>.<file>    a small upload: its sealed record, then its encrypted bytes
//	t/<shard>/<id>/arriving.<file>.<n>   sealed record of the n-th piece of a file on its way
//	t/<shard>/<id>/staged.<file>[.<id>]  sealed record of another upload that waits for its manifest
//	t/<shard>/<id>/gone.<part>           marks a part that no manifest may name any more
//	t/<shard>/<id>/manifest              sealed; its existence is the commit
//	t/<shard>/<id>/journal.<number>      sealed entries 1, 2, 3, …
//	t/<shard>/<id>/held.<hold>           notes where the key record may lie, too
//	t/<shard>/<id>/taken.<time>          while what a killed sweep left is being erased
//	erased/<shard>/<id>                  authenticated tombstone
//
// A part is "SDP", a version byte, and segments: 256 KiB of plaintext each, the
// last one shorter, each as a 96-bit random nonce, ciphertext and 128-bit tag of
// AES-256-GCM (NIST SP 800-38D). Its key is derived from the data key, the file
// id and the part id; the associated data is the length-prefixed tenant,
// transfer, file, part and version, and the segment's number. The exact lengths
// are sealed in the manifest. So bytes that were cut, extended, reordered,
// exchanged or taken from elsewhere do not authenticate, and a reader of a range
// checks only what it reads.
//
// Invariant: what Commit has acknowledged can be read, byte for byte, until its
// key record is erased. Between an upload that commits and a sweep that gives it
// up, the manifest's name decides: who writes it first wins.
//
// What authentication cannot show: that the newest journal entries were taken
// away by somebody who can delete in the store. Access to the store is the
// operator's to guard.
//
// Failure: Integrity for anything that does not authenticate, and never bytes
// from it; StorageFull, TooLarge and a reader's own error leave no part behind;
// Unavailable for a store that fails otherwise.
package vault
