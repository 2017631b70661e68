package graph

import (
	"net/http"
	"testing"

	"senddigitally/backend/transfer"
)

// A part of the list is never taken for the whole: without the one that is there
// another one would be made at each look.
func TestMoreSubscriptionsThanAreLookedThroughAreNotNone(t *testing.T) {
	pages := 0
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		pages++
		answer(w, 200, map[string]any{"value": []any{}, "@odata.nextLink": "http://" + q.Host + q.URL.Path + "?$skiptoken=again"})
	}))
	found, err := r.Subscriptions(t.Context(), org, service, "https://send.example/graph/notifications/one")
	wantCode(t, err, transfer.Internal)
	if found != nil || pages != maxSubscriptionPages {
		t.Errorf("found %v on %d pages", found, pages)
	}
}
