// Package object makes a blob.Store of an object store. What all of them have
// in common is here: names, ownership, chunks, repetition; a driver is a
// [Bucket], one call of its service each.
//
// Invariant: a blob appears whole and at once. Up to [ChunkSize] bytes go in one
// conditional request; more go in chunks that nobody sees until one conditional
// request makes a blob of them. A request whose answer was lost is repeated, and
// a blob that turns out to be the one just sent counts as stored.
//
// Memory: one upload holds two chunks at most.
//
// Failure: whatever the service answers, the call fails, and chunks are
// withdrawn. Those of a killed process stay with the service until its own rule
// for unfinished uploads removes them; nothing lists or reads them.
package object
