// Package accesscode makes, checks and judges the typed secret that opens a
// link: a code that the system generates, or a password that the sender chose.
//
// Invariants: a generated code follows from the data key alone, so that a
// retry and the owner's later look-up show the same one and nothing in the
// clear is stored. What is stored is a verifier, peppered with a key derived
// from the data key; it travels in the sealed manifest. Comparison takes the
// same time whatever was typed, and the memory that slow hashes take together
// is bounded.
//
// On failure: a verifier that does not decode is an Integrity error and opens
// nothing; so is a kind that this package does not know, as UnsupportedVersion.
package accesscode
