package sms_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sms"
	"senddigitally/backend/transfer"
)

const (
	number = "+4512345678"
	text   = "Your code: 12345678\n\"quoted\" & æøå"
)

// gateway answers a status, and keeps what it was asked.
type gateway struct {
	*httptest.Server
	status  int
	asked   int
	body    string
	request *http.Request
}

func listening(t *testing.T) *gateway {
	g := &gateway{status: http.StatusOK}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all, _ := io.ReadAll(r.Body)
		g.asked, g.body, g.request = g.asked+1, string(all), r
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(g.status)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) client(t *testing.T, change func(*sms.Config)) *sms.Gateway {
	t.Helper()
	c := sms.Config{URL: g.URL + "/send?key=secret", Method: http.MethodPost, Type: "application/json", From: "Municipality",
		Body: `{"to":["{to}"],"msisdn":"{digits}","from":"{from}","message":"{text}"}`, Authorization: "Token secret", Timeout: 5 * time.Second}
	change(&c)
	client, err := sms.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestATextGoesAsTheGatewayWantsIt(t *testing.T) {
	g := listening(t)
	if err := g.client(t, func(*sms.Config) {}).Send(t.Context(), number, text); err != nil {
		t.Fatal(err)
	}
	want := `{"to":["+4512345678"],"msisdn":"4512345678","from":"Municipality","message":"Your code: 12345678\n\"quoted\" \u0026 æøå"}`
	if g.body != want || g.request.Header.Get("Authorization") != "Token secret" || g.request.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the gateway got %s with %v", g.body, g.request.Header)
	}
	form := g.client(t, func(c *sms.Config) { c.Type, c.Body = sms.FormType, "To={to}&Body={text}" })
	if err := form.Send(t.Context(), number, "a&To=+4599999999"); err != nil || g.body != "To=%2B4512345678&Body=a%26To%3D%2B4599999999" {
		t.Errorf("the gateway got %s: %v", g.body, err)
	}
}

func TestWhatTheGatewayRefusesIsUnavailableAndSaysNothingOfAnybody(t *testing.T) {
	g := listening(t)
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusUnauthorized, http.StatusInternalServerError} {
		g.status, g.asked = status, 0
		err := g.client(t, func(*sms.Config) {}).Send(t.Context(), number, text)
		if transfer.CodeOf(err) != transfer.Unavailable || g.asked != 1 {
			t.Errorf("%d: %v after %d requests", status, err, g.asked)
		}
		silent(t, err)
	}
	g.Close()
	silent(t, g.client(t, func(*sms.Config) {}).Send(t.Context(), number, text))
}

func silent(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{number, number[1:], "12345678", "secret"} {
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestAGatewayThatDoesNotAnswerIsGivenUp(t *testing.T) {
	stop := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer slow.Close()
	defer close(stop)
	g := gateway{Server: slow}
	err := g.client(t, func(c *sms.Config) { c.Timeout = 50 * time.Millisecond }).Send(t.Context(), number, text)
	if transfer.CodeOf(err) != transfer.Unavailable {
		t.Error(err)
	}
	silent(t, err)
}

func TestABodyThatIsNoJSONIsRefusedAtTheStart(t *testing.T) {
	for _, body := range []string{`{"to":{to}}`, `to={to}`, `{"text":"{text}"`} {
		if _, err := sms.New(sms.Config{Body: body, Type: "application/json"}); err == nil {
			t.Errorf("%s was taken", body)
		}
	}
}
