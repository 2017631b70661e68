package graph_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"senddigitally/backend/sandbox/graph"
)

func TestChangeNotifications(t *testing.T) {
	r := newRig(t)
	heard := make(chan map[string]any, 10)
	var mute bool
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if token := q.URL.Query().Get("validationToken"); token != "" {
			if !mute {
				io.WriteString(w, token)
			}
			return
		}
		var body struct{ Value []map[string]any }
		json.NewDecoder(q.Body).Decode(&body)
		heard <- body.Value[0]
		w.WriteHeader(http.StatusAccepted)
	}))
	defer hook.Close()

	wanted := object{
		"resource": "users/" + service + "/mailFolders('inbox')/messages", "changeType": "created",
		"notificationUrl": hook.URL, "clientState": "known to both",
		"expirationDateTime": r.clock().Add(time.Hour).Format(time.RFC3339),
	}
	mute = true
	r.ask(asService(), "POST", "/subscriptions", wanted).refused(400, "InvalidRequest")
	mute = false
	id := r.ask(asService(), "POST", "/subscriptions", wanted, immutable).want(201).string("id")

	draft := r.draft(asCaseworker(), "/me", object{"toRecipients": to(service)})
	r.ask(asCaseworker(), "POST", "/me/messages/"+draft+"/send", nil).want(202)
	select {
	case n := <-heard:
		data := n["resourceData"].(map[string]any)
		if n["clientState"] != "known to both" || n["subscriptionId"] != id || n["changeType"] != "created" {
			t.Errorf("notification %v", n)
		}
		r.ask(asService(), "GET", "/users/"+service+"/messages/"+data["id"].(string), nil).want(200)
	case <-time.After(5 * time.Second):
		t.Fatal("no notification")
	}

	later := object{"expirationDateTime": r.clock().Add(48 * time.Hour).Format(time.RFC3339)}
	r.ask(asService(), "PATCH", "/subscriptions/"+id, later).want(200)
	r.ask(asCaseworker(), "GET", "/subscriptions/"+id, nil).want(200)
	r.ask(asService(), "DELETE", "/subscriptions/"+id, nil).want(204)
	r.ask(asService(), "GET", "/subscriptions/"+id, nil).refused(404, "ResourceNotFound")

	wanted["expirationDateTime"] = r.clock().Add(8 * 24 * time.Hour).Format(time.RFC3339)
	r.ask(asService(), "POST", "/subscriptions", wanted).refused(400, "ExtensionError")
	wanted["expirationDateTime"] = r.clock().Add(time.Hour).Format(time.RFC3339)
	wanted["resource"] = "users/" + building + "/messages"
	r.ask(asService(), "POST", "/subscriptions", wanted).refused(403, "ErrorAccessDenied")
}

// What is subscribed to is listed without its secret until it expires; events in its
// life are told of where somebody wants to know.
func TestALifeOfASubscription(t *testing.T) {
	r := newRig(t)
	heard := make(chan map[string]any, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if token := q.URL.Query().Get("validationToken"); token != "" {
			io.WriteString(w, token)
			return
		}
		var body struct{ Value []map[string]any }
		json.NewDecoder(q.Body).Decode(&body)
		heard <- body.Value[0]
	}))
	defer hook.Close()
	until := r.clock().Add(time.Hour)
	wanted := object{"resource": "users/" + service + "/mailFolders('inbox')/messages", "changeType": "created", "notificationUrl": hook.URL,
		"lifecycleNotificationUrl": "http://127.0.0.1:1/", "clientState": "secret", "expirationDateTime": until.Format(time.RFC3339)}
	r.ask(asService(), "POST", "/subscriptions", wanted).refused(400, "InvalidRequest") // nobody answers there
	wanted["lifecycleNotificationUrl"] = hook.URL
	id := r.ask(asService(), "POST", "/subscriptions", wanted).want(201).string("id")
	listed := r.ask(asService(), "GET", "/subscriptions", nil).want(200).list()
	if len(listed) != 1 || listed[0]["id"] != id || listed[0]["clientState"] != nil || listed[0]["notificationUrl"] != hook.URL {
		t.Errorf("listed %v", listed)
	}
	r.ask(asService(), "PATCH", "/subscriptions/"+id, object{"expirationDateTime": r.clock().Add(8 * 24 * time.Hour).Format(time.RFC3339)}).refused(400, "ExtensionError")
	for _, event := range []graph.Lifecycle{graph.Reauthorize, graph.Missed, graph.Removed} {
		if n := r.server.Befall(service, event); n != 1 {
			t.Fatalf("%s befell %d", event, n)
		}
		if n := <-heard; n["lifecycleEvent"] != string(event) || n["clientState"] != "secret" || n["subscriptionId"] != id {
			t.Errorf("told %v", n)
		}
	}
	r.ask(asService(), "GET", "/subscriptions/"+id, nil).refused(404, "ResourceNotFound")
	id = r.ask(asService(), "POST", "/subscriptions", wanted).want(201).string("id")
	r.pass(time.Hour)
	r.ask(asService(), "GET", "/subscriptions/"+id, nil).refused(404, "ResourceNotFound")
	if listed := r.ask(asService(), "GET", "/subscriptions", nil).want(200).list(); len(listed) != 0 {
		t.Errorf("an expired one is listed: %v", listed)
	}
}
