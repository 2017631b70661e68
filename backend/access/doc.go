// Package access decides who may do what, and writes it down, in one call that
// comes before the effect.
//
// [Gate.Check] looks the action up in the policy table, compares the actor with
// the resource, and records the answer in the audit trail. The record has ids
// and pseudonyms only.
//
// Invariants: nothing is allowed that the table does not name; an answer
// "allowed" is durable in the trail before the caller sees it; what belongs to
// somebody else is NotFound, exactly as what does not exist.
//
// On failure: when the trail cannot be written, the action does not happen,
// whatever the table says (Unavailable, or StorageFull when the disk is full).
package access
