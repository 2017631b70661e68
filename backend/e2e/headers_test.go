package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// parameter is a part of a route that a request fills in.
var parameter = regexp.MustCompile(`[:*][a-z]+`)

// grade is what an answer's headers lack. Outlook shows the pane in a frame and
// loads the add-in's files, and nobody else does.
func grade(path string, secure bool, h http.Header) []string {
	var lacks []string
	need := func(name string, parts ...string) {
		for _, part := range parts {
			if !strings.Contains(h.Get(name), part) {
				lacks = append(lacks, name+" without "+part+": "+h.Get(name))
			}
		}
	}
	addin := strings.HasPrefix(path, "/addin/") || path == "/manifest.xml" || strings.HasPrefix(path, "/.well-known/")
	need("X-Content-Type-Options", "nosniff")
	need("Referrer-Policy", "no-referrer")
	need("Permissions-Policy", "camera=()", "microphone=()", "geolocation=()")
	need("Cross-Origin-Resource-Policy", map[bool]string{true: "cross-origin", false: "same-origin"}[addin])
	need("Content-Security-Policy", "default-src 'none'", "base-uri 'none'", "frame-ancestors ")
	if !addin {
		need("Content-Security-Policy", "frame-ancestors 'none'")
	}
	if policy := h.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe-") || strings.Contains(policy, "*") && !addin {
		lacks = append(lacks, "a policy that lets too much: "+policy)
	}
	if kept := h.Get("Cache-Control"); kept != "no-store" && !strings.Contains(path, "/assets/") && !strings.Contains(path, "/theme/") && !strings.Contains(path, "/icons/") {
		lacks = append(lacks, "kept: "+kept)
	}
	if hsts := h.Get("Strict-Transport-Security"); secure != strings.Contains(hsts, "max-age=31536000") {
		lacks = append(lacks, "Strict-Transport-Security: "+hsts)
	}
	for _, tells := range []string{"Server", "X-Powered-By"} {
		if h.Get(tells) != "" {
			lacks = append(lacks, tells)
		}
	}
	return lacks
}

// TestCase59EveryRouteHasTheHeadersThatProtectIt asks every route of both origins,
// by every method that there is, and what no route is.
func TestCase59EveryRouteHasTheHeadersThatProtectIt(t *testing.T) {
	w := newWorld(t, idle)
	for origin, handler := range map[string]http.Handler{"portal": w.System.Portal, "staff": w.System.Staff} {
		routes := handler.(*gin.Engine).Routes()
		if len(routes) < 20 {
			t.Fatalf("only %d routes at %s", len(routes), origin)
		}
		for _, r := range append(routes, gin.RouteInfo{Method: "GET", Path: "/nowhere"}, gin.RouteInfo{Method: "TRACE", Path: "/"}) {
			path := parameter.ReplaceAllString(r.Path, "x")
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, httptest.NewRequest(r.Method, path, nil).WithContext(t.Context()))
			for _, lack := range grade(path, false, answer.Header()) {
				t.Errorf("%s %s %s (%d): %s", origin, r.Method, r.Path, answer.Code, lack)
			}
		}
	}
}
