package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"senddigitally/backend/identity"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// strangers knows nobody.
type strangers struct{}

func (strangers) Caller(context.Context, string) (transfer.Caller, error) {
	return transfer.Caller{}, transfer.E(transfer.Unauthenticated, "please sign in")
}

func (strangers) Application(context.Context, string) (transfer.Caller, error) {
	return transfer.Caller{}, transfer.E(transfer.Unauthenticated, "please sign in")
}

func (strangers) Session(*http.Request) (identity.StaffSession, error) {
	return identity.StaffSession{}, transfer.E(transfer.Unauthenticated, "please sign in")
}

// registered is the interface with nothing behind it: whoever gets past the
// question of who is calling makes it panic.
func registered(t *testing.T) *gin.Engine {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	engine, err := web.Engine(nil, false, log)
	if err != nil {
		t.Fatal(err)
	}
	(&API{Identity: strangers{}, Sessions: strangers{}, Log: log}).Register(engine)
	return engine
}

func TestTheDescriptionIsValidAndNamesEveryRouteAndNoOther(t *testing.T) {
	loader := openapi3.NewLoader()
	described, err := loader.LoadFromData(description)
	if err != nil {
		t.Fatal(err)
	}
	if err := described.Validate(loader.Context); err != nil {
		t.Fatal(err)
	}
	var says, does []string
	for path, item := range described.Paths.Map() {
		for method := range item.Operations() {
			says = append(says, method+" "+path)
		}
	}
	for _, route := range registered(t).Routes() {
		if route.Path != "/api/v1/openapi.yaml" { // the description itself
			does = append(does, route.Method+" "+inBraces(route.Path))
		}
	}
	slices.Sort(says)
	slices.Sort(does)
	if !slices.Equal(says, does) {
		t.Errorf("described:\n%s\nserved:\n%s", strings.Join(says, "\n"), strings.Join(does, "\n"))
	}
}

// inBraces writes Gin's ":name" as "{name}".
func inBraces(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, is := strings.CutPrefix(part, ":"); is {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

func TestEveryRouteAsksFirstWhoIsCalling(t *testing.T) {
	engine := registered(t)
	for _, route := range engine.Routes() {
		if route.Path == "/api/v1/openapi.yaml" {
			continue
		}
		path := strings.NewReplacer(":id", "0a0123456789abcdefghijklmnopqrstuv", ":key", "0123456789abcdef", ":file", "u1").Replace(route.Path)
		answer := httptest.NewRecorder()
		engine.ServeHTTP(answer, httptest.NewRequest(route.Method, path, strings.NewReader("not even JSON")))
		if answer.Code != http.StatusUnauthorized || answer.Header().Get("Content-Type") != "application/problem+json" || answer.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s answers a stranger %d %v", route.Method, path, answer.Code, answer.Header())
		}
	}
}
