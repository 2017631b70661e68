package transfer

import (
	"log/slog"
	"slices"
)

// Role is what an organisation lets a caller do.
type Role string

// The roles, as app roles in Entra. Application is a document system.
const (
	Caseworker    Role = "Caseworker"
	Distributor   Role = "Distributor"
	Administrator Role = "Administrator"
	Auditor       Role = "Auditor"
	Application   Role = "Application"
)

// Caller is who is calling: a signed-in member of staff or an application.
type Caller struct {
	Tenant    TenantID
	Subject   string // object id in Entra; with the tenant it is the identity
	Name      string
	Address   string
	Roles     []Role
	Assertion Assertion // the access token, for calls on the caller's behalf
}

// Has reports whether the caller has a role.
func (c Caller) Has(role Role) bool { return slices.Contains(c.Roles, role) }

// Assertion is a bearer token. It prints as "[token]".
type Assertion string

func (Assertion) String() string       { return "[token]" }
func (Assertion) GoString() string     { return "[token]" }
func (Assertion) LogValue() slog.Value { return slog.StringValue("[token]") }
