package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// served is an engine with one route, and what it logs.
func served(t *testing.T, handle gin.HandlerFunc) (*httptest.Server, *bytes.Buffer) {
	t.Helper()
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, nil))
	engine, err := web.Engine(nil, false, log)
	if err != nil {
		t.Fatal(err)
	}
	engine.Use(web.Recover(log, func(c *gin.Context, err error) { web.Problem(c, err) }))
	engine.GET("/l/:token", handle)
	engine.PUT("/l/:token", handle)
	server := httptest.NewServer(engine)
	t.Cleanup(server.Close)
	return server, &text
}

func get(t *testing.T, address string, header http.Header) (*http.Response, web.ProblemDetails) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	var p web.ProblemDetails
	_ = json.NewDecoder(a.Body).Decode(&p)
	return a, p
}

func TestAProblemHasItsCodeAndNoCause(t *testing.T) {
	server, _ := served(t, func(c *gin.Context) {
		web.Problem(c, transfer.Wrap(transfer.OutlookBusy, "wait", errors.New("secret cause")).With("retryAfter", "7"))
	})
	a, p := get(t, server.URL+"/l/token", http.Header{"Accept-Language": {"da"}})
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") != "7" || a.Header.Get("Content-Type") != "application/problem+json" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("answered %d %v", a.StatusCode, a.Header)
	}
	text, _ := json.Marshal(p)
	if p.Code != "outlook_busy" || p.Status != 503 || p.Title != "Outlook er optaget" || strings.Contains(string(text), "secret") || p.Instance != "urn:request:"+a.Header.Get("X-Request-Id") {
		t.Errorf("the problem is %s", text)
	}
}

func TestEveryCodeHasAStatusOfItsKind(t *testing.T) {
	for code, want := range map[transfer.Code]int{transfer.NotFound: 404, transfer.Expired: 410, transfer.KeyReused: 422, transfer.LockedOut: 429,
		transfer.StorageFull: 507, transfer.Integrity: 500, transfer.Internal: 500, "unheard-of": 500, transfer.Unavailable: 503} {
		if got := web.Status(code); got != want {
			t.Errorf("%s is %d", code, got)
		}
	}
}

func TestASignInAgainPassesOnWhatEntraAsksFor(t *testing.T) {
	server, _ := served(t, func(c *gin.Context) {
		web.Problem(c, transfer.E(transfer.SignInAgain, "again").With("claims", `{"access_token":{"nbf":{"essential":true}}}`))
	})
	a, _ := get(t, server.URL+"/l/token", nil)
	if got := a.Header.Get("WWW-Authenticate"); a.StatusCode != 401 || !strings.Contains(got, "insufficient_claims") || !strings.Contains(got, "essential") {
		t.Errorf("answered %d %q", a.StatusCode, got)
	}
}

func TestTheLogHasTheRouteAndNotThePath(t *testing.T) {
	server, log := served(t, func(c *gin.Context) { c.Status(http.StatusOK) })
	get(t, server.URL+"/l/the-secret-token?lang=en&code=the-code", http.Header{"User-Agent": {"the-agent"}, "Cookie": {"the-cookie=1"}})
	server.Close() // the line is written when the handler has ended
	for _, secret := range []string{"the-secret-token", "the-code", "the-agent", "the-cookie", "127.0.0.1"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q: %s", secret, log)
		}
	}
	if !strings.Contains(log.String(), "route=/l/:token") {
		t.Errorf("the log is %q", log)
	}
}

func TestWhoHasLeftIsNoFault(t *testing.T) {
	for _, leaves := range []bool{true, false} {
		server, log := served(t, func(c *gin.Context) {
			if leaves {
				<-c.Done()
			}
			web.Problem(c, context.Canceled)
		})
		ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
		r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/l/token", nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := http.DefaultClient.Do(r); err == nil {
			_ = answer.Body.Close()
		}
		leave()
		server.Close()
		if strings.Contains(log.String(), "level=ERROR") == leaves {
			t.Errorf("where the caller leaves (%v), the log is %q", leaves, log)
		}
	}
}

func TestCase80_APanicIsA500AndAnAbortAborts(t *testing.T) {
	server, log := served(t, func(c *gin.Context) {
		switch c.Param("token") {
		case "abort":
			panic(http.ErrAbortHandler)
		case "late":
			c.String(http.StatusOK, "half")
			c.Writer.Flush()
			panic("too late")
		}
		panic("at once")
	})
	if a, p := get(t, server.URL+"/l/now", nil); a.StatusCode != 500 || p.Code != "internal" {
		t.Errorf("answered %d %+v", a.StatusCode, p)
	}
	if _, err := http.Get(server.URL + "/l/abort"); err == nil {
		t.Error("an abort was answered")
	}
	a, err := http.Get(server.URL + "/l/late")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if body, err := io.ReadAll(a.Body); err == nil {
		t.Errorf("a panic after the header ends as if all were well: %q", body)
	}
	server.Close()
	if !strings.Contains(log.String(), "at once") {
		t.Errorf("the log does not say what happened: %s", log)
	}
}

// Case 44: one that drips is one that stalls.
func TestAClientThatStallsIsGivenUpAndASlowOneIsNot(t *testing.T) {
	const wait = 300 * time.Millisecond
	ended := make(chan error, 1)
	server, _ := served(t, func(c *gin.Context) {
		_, err := io.Copy(io.Discard, web.Patient(c, wait))
		ended <- err
		c.Status(http.StatusOK)
	})
	send := func(pieces, size int, finish bool) error {
		body, into := io.Pipe()
		r, err := http.NewRequestWithContext(t.Context(), "PUT", server.URL+"/l/x", body)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			tick := time.NewTicker(wait / 6)
			defer tick.Stop()
			for range pieces {
				<-tick.C
				_, _ = into.Write(make([]byte, size))
			}
			if finish {
				into.Close()
			}
		}()
		go func() {
			if a, err := http.DefaultClient.Do(r); err == nil {
				a.Body.Close()
			}
		}()
		defer into.Close()
		return <-ended
	}
	if err := send(24, web.LeastPiece/2, true); err != nil { // four times as long as the wait
		t.Errorf("a slow client was given up: %v", err)
	}
	if err := send(1, web.LeastPiece, false); err == nil {
		t.Error("a stalled client was waited for")
	}
	if err := send(24, 1, true); err == nil {
		t.Error("a dripping client was waited for")
	}
}
