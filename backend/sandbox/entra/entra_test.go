package entra_test

import (
	"net/http"
	"testing"
	"time"

	"senddigitally/backend/sandbox/entra"
)

const (
	tenant     = "7d1c4c3e-1111-4a4a-8b8b-000000000001"
	product    = "7d1c4c3e-2222-4a4a-8b8b-000000000002"
	worker     = "7d1c4c3e-2222-4a4a-8b8b-000000000003"
	caseworker = "caseworker@municipality.example"
	oid        = "7d1c4c3e-3333-4a4a-8b8b-000000000004"
	redirect   = "http://localhost:8401/auth"
	secret     = "only for the sandbox"
)

func start(t *testing.T, change func(*entra.Config)) *entra.Server {
	t.Helper()
	cfg := entra.Config{
		Tenant: tenant,
		Apps: []entra.App{
			{ID: product, Secret: secret, Redirects: []string{redirect}, Scopes: []string{"access_as_user"}, GraphScopes: []string{"Mail.ReadWrite", "User.Read"}},
			{ID: worker, Secret: secret, GraphRoles: []string{"Mail.Send", "Mail.ReadWrite"}, Roles: []string{"Transfer.Send"}},
		},
		Users: []entra.User{
			{OID: oid, Name: "The caseworker", Address: caseworker, Roles: []string{"Caseworker"}},
			{OID: "7d1c4c3e-3333-4a4a-8b8b-000000000005", Name: "The distributor", Address: "distributor@municipality.example", Roles: []string{"Distributor"}},
		},
	}
	if change != nil {
		change(&cfg)
	}
	e, err := entra.New(cfg, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := entra.Listen(e, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// stay is a client that does not follow redirects.
func stay(s *entra.Server) *http.Client {
	c := s.Client()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

func expired() entra.Option { return entra.WithLifetime(-2*time.Hour, time.Hour) }
