package graph

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senddigitally/backend/transfer"
)

func TestEveryRequestCarriesATokenAndAsksForImmutableIDs(t *testing.T) {
	var seen http.Header
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		seen = q.Header.Clone()
		answer(w, 200, map[string]any{"id": "AAA"})
	}))
	if member, err := r.MemberOf(t.Context(), org, r.caller(), "me"); !member || err != nil {
		t.Fatal(member, err)
	}
	token := strings.TrimPrefix(seen.Get("Authorization"), "Bearer ")
	claims, err := r.entra.Verify(token, "https://graph.microsoft.com")
	if err != nil || claims.OID != caseworker {
		t.Errorf("not a token on behalf of the caseworker: %v", err)
	}
	if seen.Get("Prefer") != immutableID {
		t.Errorf("Prefer is %q", seen.Get("Prefer"))
	}
}

func TestFailuresAreWordedForTheDomain(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   transfer.Code
	}{
		{401, "InvalidAuthenticationToken", transfer.SignInAgain},
		{403, "ErrorAccessDenied", transfer.MailboxRefused},
		{404, "ErrorItemNotFound", transfer.DraftNotFound},
		{404, "ErrorInvalidUser", transfer.MailboxMissing},
		{400, "ErrorInvalidIdMalformed", transfer.DraftNotFound},
		{409, "ErrorIrresolvableConflict", transfer.Conflict},
		{413, "ErrorMessageSizeExceeded", transfer.TooLarge},
		{429, "ApplicationThrottled", transfer.OutlookBusy},
		{503, "serviceNotAvailable", transfer.OutlookBusy},
		{302, "", transfer.Internal},
		{400, "ErrorInvalidRecipients", transfer.Invalid},
		{400, "ErrorInvalidRequest", transfer.Internal},
	} {
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { refuse(w, c.status, c.code) }))
		_, err := r.FileAway(t.Context(), org, r.caller(), "me", "AAA", "archive")
		known := wantCode(t, err, c.want)
		if text := known.Error(); strings.Contains(text, "somebody") || strings.Contains(text, "127.0.0.1") {
			t.Errorf("%d: the error tells too much: %s", c.status, text)
		}
	}
}

// Case 34: one refresh, then "sign in again".
func TestRejectedTokenIsRenewedOnce(t *testing.T) {
	claims := base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"nbf":{"essential":true,"value":"1"}}}`))
	for name, challenge := range map[string]string{
		"claims challenge":  `Bearer realm="", error="insufficient_claims", claims="` + claims + `"`,
		"without challenge": `Bearer`,
		"broken challenge":  `Bearer claims=oops`,
	} {
		for rejections, want := range []transfer.Code{"", "", transfer.SignInAgain} {
			var requests atomic.Int32
			r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if int(requests.Add(1)) <= rejections {
					w.Header().Set("WWW-Authenticate", challenge)
					refuse(w, 401, "InvalidAuthenticationToken")
					return
				}
				answer(w, 201, map[string]any{"id": "moved"})
			}))
			_, err := r.FileAway(t.Context(), org, r.caller(), "me", "AAA", "archive")
			if transfer.CodeOf(err) != want {
				t.Errorf("%s, %d rejections: %v", name, rejections, err)
			}
			if got := int(requests.Load()); got != min(rejections, 1)+1 || int(r.exchanges.Load()) != got {
				t.Errorf("%s, %d rejections: %d requests with %d tokens", name, rejections, got, r.exchanges.Load())
			}
		}
	}
}

func TestAnApplicationIsNotToldToSignIn(t *testing.T) {
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { refuse(w, 401, "InvalidAuthenticationToken") }))
	wantCode(t, r.Send(t.Context(), org, service, "AAA"), transfer.Unavailable)
}

// Case 27: that mailbox is silent for 7 s, others go on.
func TestThrottledMailboxStaysSilent(t *testing.T) {
	requests := map[string]int{}
	throttled := true
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		requests[q.URL.Path]++
		if throttled && strings.Contains(q.URL.Path, service) {
			w.Header().Set("Retry-After", "7")
			refuse(w, 429, "ApplicationThrottled")
			return
		}
		answer(w, 200, map[string]any{"value": []any{}})
	}))
	find := func(mailbox string) error {
		_, _, err := r.Find(t.Context(), org, mailbox, "<a@municipality.example>")
		return err
	}
	if said := wantCode(t, find(service), transfer.OutlookBusy).Params; said["retryAfter"] != "7" || said["tried"] != "no" {
		t.Errorf("it says %v", said)
	}
	throttled = false
	r.time.now = r.time.now.Add(6 * time.Second)
	if after := wantCode(t, find(strings.ToUpper(service)), transfer.OutlookBusy).Params["retryAfter"]; after != "1" {
		t.Errorf("retry after %s", after)
	}
	if err := find("service2@municipality.example"); err != nil {
		t.Errorf("another mailbox is held up: %v", err)
	}
	r.time.now = r.time.now.Add(time.Second)
	if err := find(service); err != nil {
		t.Error(err)
	}
	if n := requests["/v1.0/users/"+service+"/messages"]; n != 2 {
		t.Errorf("%d requests reached the mailbox, want 2", n)
	}
}

func TestAPersonWaitsOutAShortSilence(t *testing.T) {
	var requests atomic.Int32
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch requests.Add(1) {
		case 1:
			w.Header().Set("Retry-After", "7")
			refuse(w, 429, "ApplicationThrottled")
		case 2:
			refuse(w, 503, "serviceNotAvailable")
		default:
			answer(w, 200, map[string]any{"id": "AAA"})
		}
	}))
	if member, err := r.MemberOf(t.Context(), org, r.caller(), "me"); !member || err != nil {
		t.Fatal(member, err)
	}
	if p := r.time.pauses(); len(p) != 2 || p[0] != 7*time.Second {
		t.Errorf("pauses %v", p)
	}
}

func TestWhatMayHaveHappenedIsNotRepeated(t *testing.T) {
	var requests atomic.Int32
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		refuse(w, 503, "serviceNotAvailable")
	}))
	_, err := r.FileAway(t.Context(), org, r.caller(), "me", "AAA", "archive")
	wantCode(t, err, transfer.OutlookBusy)
	if requests.Load() != 1 {
		t.Errorf("%d requests", requests.Load())
	}
}

// Case 29: at most 4 concurrent requests, for a mailbox and for the background as a
// whole; people in different mailboxes do not wait for each other.
func TestConcurrencyIsCapped(t *testing.T) {
	three := []string{service, "a@municipality.example", "b@municipality.example"}
	find := func(r *rig, mailbox string) error {
		_, _, err := r.Find(context.Background(), org, mailbox, "<a@b>")
		return err
	}
	probe := func(r *rig, mailbox string) error {
		_, err := r.MemberOf(context.Background(), org, r.caller(), mailbox)
		return err
	}
	for name, c := range map[string]struct {
		ask       func(*rig, string) error
		mailboxes []string
		want      int32
	}{
		"background, three mailboxes": {find, three, maxConcurrent},
		"people, one mailbox":         {probe, three[:1], maxConcurrent},
		"people, three mailboxes":     {probe, three, 3 * maxConcurrent},
	} {
		t.Run(name, func(t *testing.T) { concurrency(t, c.ask, c.mailboxes, c.want) })
	}
}

func concurrency(t *testing.T, ask func(*rig, string) error, mailboxes []string, want int32) {
	var now, most atomic.Int32
	release := make(chan struct{})
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		<-release
		now.Add(-1)
		answer(w, 200, map[string]any{"id": "AAA"})
	}))
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			if err := ask(r, mailboxes[i%len(mailboxes)]); err != nil {
				t.Error(err)
			}
		})
	}
	within(5*time.Second, func() bool { return now.Load() == want })
	within(200*time.Millisecond, func() bool { return now.Load() > want }) // it must not
	close(release)
	all.Wait()
	if most.Load() != want {
		t.Errorf("%d concurrent requests, want %d", most.Load(), want)
	}
}

// Case 30: 504 after acceptance is uncertain; what cannot have left is not.
func TestSendTellsUncertainFromRefused(t *testing.T) {
	for status, want := range map[int]transfer.Code{
		202: "", 504: transfer.OutlookUncertain, 502: transfer.OutlookUncertain, 500: transfer.OutlookUncertain,
		503: transfer.OutlookBusy, 429: transfer.OutlookBusy, 403: transfer.MailboxRefused, 404: transfer.MailboxMissing,
	} {
		var requests atomic.Int32
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.WriteHeader(status)
		}))
		if err := r.Send(t.Context(), org, service, "AAA"); transfer.CodeOf(err) != want {
			t.Errorf("%d: %v", status, err)
		}
		if requests.Load() != 1 {
			t.Errorf("%d: sent %d times", status, requests.Load())
		}
	}
}

func TestSendOverABrokenConnectionIsUncertain(t *testing.T) {
	r := newRig(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	wantCode(t, r.Send(t.Context(), org, service, "AAA"), transfer.OutlookUncertain)
	r.graph.Close()
	known := wantCode(t, r.Send(t.Context(), org, service, "AAA"), transfer.OutlookBusy)
	if strings.Contains(known.Error(), service) {
		t.Error("the address is in the error")
	}
}

func TestTheTokenGoesToGraphOnly(t *testing.T) {
	l := &line{host: "graph.microsoft.com", gate: newGates(time.Now, sleep).of("x"), base: transport(func(q *http.Request) (*http.Response, error) {
		if q.Header.Get("Prefer") != "" {
			t.Error("preferences for another host")
		}
		return &http.Response{StatusCode: 401, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}, nil
	})}
	q, _ := http.NewRequest(http.MethodGet, "https://outlook.office.com/upload", nil)
	_, err := l.RoundTrip(q)
	if refused, ok := errors.AsType[*refusal](err); !ok || refused.status != 401 {
		t.Error("a 401 of another host must not renew our token:", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 0, "": 0, "-3": 0, "soon": 0, "99999999": 15 * time.Minute,
		"Sun, 22 Nov 2026 12:00:30 GMT": 30 * time.Second, "Sun, 22 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func FuzzChallenge(f *testing.F) {
	f.Add(`Bearer realm="", claims="eyJhIjoxfQ=="`)
	f.Add(`Bearer claims=`)
	f.Fuzz(func(t *testing.T, value string) {
		challenge(http.Header{"Www-Authenticate": {value}})
	})
}

func FuzzPlainCode(f *testing.F) {
	f.Add("ErrorItemNotFound")
	f.Add("somebody@municipality.example")
	f.Fuzz(func(t *testing.T, code string) {
		if got := plainCode(code); got != "" && got != code || strings.ContainsAny(got, "@ \n") {
			t.Errorf("%q became %q", code, got)
		}
	})
}

// within polls until a condition holds or the time is over.
func within(limit time.Duration, holds func() bool) {
	for deadline := time.Now().Add(limit); !holds() && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}
