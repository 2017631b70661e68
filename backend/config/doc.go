// Package config is the one description of how an installation is set up: its
// settings, their defaults, what they mean and what is safe.
//
// [Config] is the source of everything: the reference table and the commented
// sample are written from its fields, and so are the names of the environment
// variables. Values come from the defaults, then the file, then the
// environment; SENDDIGITALLY_REDIS_PASSWORD_FILE names a file with a secret
// instead of the secret itself.
//
// Invariants: a Config that [Load] returned is safe to start with; in
// production nothing travels unprotected over a network and nobody can open
// what was not given to him. A [Secret] does not print.
//
// On failure: Load reports every problem at once, each with the setting's name,
// what is wrong and what to write; see [Problems].
package config
