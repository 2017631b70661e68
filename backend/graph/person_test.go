package graph

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

func TestThoseAddressesAreHersThatDeliverToHer(t *testing.T) {
	for name, c := range map[string]struct {
		mail    any
		proxies []string
		want    []string
	}{
		"primary first":      {"Anna@municipality.example", []string{"smtp:a@municipality.example", "SMTP:anna@municipality.example"}, []string{"Anna@municipality.example", "a@municipality.example"}},
		"no mailbox address": {nil, []string{"smtp:a@municipality.example"}, []string{"a@municipality.example"}},
		"nothing":            {nil, nil, nil},
		"no mail at all":     {nil, []string{"X500:/o=Org/cn=anna", "SIP:anna@municipality.example", "x400:c=us", "anna@municipality.example", "smtp:"}, nil},
		"named to deceive":   {"a@municipality.example", []string{"smtpx:b@municipality.example", " smtp:c@municipality.example"}, []string{"a@municipality.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if q.URL.Path != "/v1.0/users/"+caseworker || q.URL.Query().Get("$select") != "mail,proxyAddresses" {
					t.Errorf("asked for %s", q.URL)
				}
				answer(w, 200, map[string]any{"mail": c.mail, "proxyAddresses": c.proxies})
			}))
			got, err := r.AddressesOf(t.Context(), org, r.caller())
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestAddressesWithoutEndAreCutOff(t *testing.T) {
	var proxies []string
	for i := range 2 * maxAddresses {
		proxies = append(proxies, fmt.Sprintf("smtp:a%d@municipality.example", i))
	}
	if got := mailAddresses("anna@municipality.example", proxies); len(got) != maxAddresses || got[0] != "anna@municipality.example" {
		t.Errorf("%d, the first %s", len(got), got[0])
	}
}
