package access

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
)

const (
	aID     = transfer.ID("0a0123456789abcdefghijklmnopqrstuv")
	otherID = transfer.ID("0b0123456789abcdefghijklmnopqrstuv")
)

var namer = transfer.NewNamer([]byte(strings.Repeat("r", 32)))

// notebook is a trail in memory.
type notebook struct {
	events []Event
	err    error
}

func (n *notebook) Append(_ context.Context, e Event) error {
	n.events = append(n.events, e)
	return n.err
}

func staff(roles ...transfer.Role) transfer.Caller {
	return transfer.Caller{Tenant: "aalborg", Subject: "oid-1", Name: "The Caseworker",
		Address: "caseworker@municipality.example", Roles: roles, Assertion: "eyJ.secret"}
}

// actorOf is an actor of each kind that the policy speaks of, at a resource
// that is within its sight.
func actorOf(p principal) Actor {
	switch p {
	case recipient:
		return Recipient("aalborg", aID, "r1")
	case visitor:
		return Visitor("77aa")
	case system:
		return System("sweep")
	}
	return Staff(staff(transfer.Role(p)))
}

func own() Resource {
	return Resource{Tenant: "aalborg", ID: aID, Recipient: "r1", Owner: namer.Owner("aalborg", "oid-1")}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// declared reads the actions from their source, so that one without a row in
// the policy shows as denied to everybody.
func declared(t *testing.T) []Action {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "action.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []Action
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			value, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			out = append(out, Action(value))
		}
		return true
	})
	return out
}

func TestEveryActionAndRoleHasItsAnswer(t *testing.T) {
	gate := New(&notebook{}, namer)
	var b strings.Builder
	fmt.Fprintf(&b, "%-14s", "")
	for _, p := range principals {
		fmt.Fprintf(&b, " %-13s", p)
	}
	b.WriteString(" of others\n")
	for _, action := range declared(t) {
		fmt.Fprintf(&b, "%-14s", action)
		for _, p := range principals {
			answer := "-"
			if gate.Check(t.Context(), actorOf(p), action, own()) == nil {
				answer = "yes"
			}
			fmt.Fprintf(&b, " %-13s", answer)
		}
		foreign := own()
		foreign.Owner = namer.Owner("aalborg", "oid-2")
		err := gate.Check(t.Context(), Staff(staff(transfer.Caseworker)), action, foreign)
		fmt.Fprintf(&b, " %s\n", map[bool]string{true: "404", false: ""}[transfer.CodeOf(err) == transfer.NotFound])
	}
	golden(t, "testdata/policy.golden", b.String())
	if len(declared(t)) != len(policy) {
		t.Errorf("%d actions are declared, the policy has %d", len(declared(t)), len(policy))
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, " \n", "\n")
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || got != string(want) {
		t.Errorf("%s differs (%v); got\n%s", name, err, got)
	}
}

// Case 54, for the part that is decided here: what is not yours is NotFound,
// whatever the action and the role.
func TestCase54ForeignResourcesAreNotFound(t *testing.T) {
	gate := New(&notebook{}, namer)
	elsewhere, unknown, others := own(), own(), own()
	elsewhere.Tenant, unknown.Owner, others.Owner = "bergen", "", namer.Owner("aalborg", "oid-2")
	for action, row := range policy {
		for _, p := range principals[:5] {
			actor := actorOf(p)
			if err := gate.Check(t.Context(), actor, action, elsewhere); transfer.CodeOf(err) != transfer.NotFound {
				t.Errorf("%s %s in another tenant: %v", p, action, err)
			}
			for _, on := range []Resource{unknown, others} {
				if err := gate.Check(t.Context(), actor, action, on); row.owned && transfer.CodeOf(err) != transfer.NotFound {
					t.Errorf("%s %s on another's: %v", p, action, err)
				}
			}
		}
	}
}

func TestARecipientReachesHerOwnConversationOnly(t *testing.T) {
	gate := New(&notebook{}, namer)
	actor := Recipient("aalborg", aID, "r1")
	for name, on := range map[string]Resource{
		"another recipient": {Tenant: "aalborg", ID: aID, Recipient: "r2"},
		"another transfer":  {Tenant: "aalborg", ID: otherID, Recipient: "r1"},
		"another tenant":    {Tenant: "bergen", ID: aID, Recipient: "r1"},
		"no recipient":      {Tenant: "aalborg", ID: aID},
	} {
		if err := gate.Check(t.Context(), actor, Download, on); transfer.CodeOf(err) != transfer.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNobodyMayDoNothing(t *testing.T) {
	trail := &notebook{}
	gate := New(trail, namer)
	for name, actor := range map[string]Actor{
		"zero":       {},
		"no tenant":  Staff(transfer.Caller{Subject: "oid-1", Roles: []transfer.Role{transfer.Caseworker}}),
		"no subject": Staff(transfer.Caller{Tenant: "aalborg", Roles: []transfer.Role{transfer.Caseworker}}),
	} {
		for action := range policy {
			if err := gate.Check(t.Context(), actor, action, own()); err == nil {
				t.Errorf("%s may %s", name, action)
			}
		}
		if err := gate.Check(t.Context(), actor, "unheard_of", own()); err == nil {
			t.Errorf("%s may do what nobody heard of", name)
		}
	}
	if slices.ContainsFunc(trail.events, func(e Event) bool { return e.Actor == "" || e.Outcome != Denied }) {
		t.Error("an attempt is not in the trail as denied, with an actor")
	}
}

func TestDamageIsInTheTrailAsRefused(t *testing.T) {
	trail := &notebook{}
	gate := New(trail, namer)
	if err := gate.Damaged(t.Context(), Resource{Tenant: "aalborg", ID: aID, File: "f1"}); err != nil {
		t.Fatal(err)
	}
	want := Event{Tenant: "aalborg", Actor: "system:vault", Action: Damage, ID: aID, File: "f1", Outcome: Denied, Reason: transfer.Integrity}
	if len(trail.events) != 1 || trail.events[0] != want {
		t.Errorf("%+v", trail.events)
	}
}

// Who belongs to the organisation receives, whatever her roles.
func TestAColleagueWithoutRolesReceivesAndNothingElse(t *testing.T) {
	gate := New(&notebook{}, namer)
	for name, roles := range map[string][]transfer.Role{"none": nil, "of another kind": {"system", "recipient", "visitor", "Owner"}} {
		for action := range policy {
			err := gate.Check(t.Context(), Staff(staff(roles...)), action, own())
			receives := slices.Contains([]Action{ReadSettings, ListReceived, ReadReceived, Discard, ReadAssigned, FetchAssigned}, action)
			if receives != (err == nil) {
				t.Errorf("with roles %s, %s: %v", name, action, err)
			}
		}
	}
	for _, action := range []Action{ListReceived, ReadReceived, Discard} {
		if err := gate.Check(t.Context(), Staff(staff(transfer.Application)), action, own()); err == nil {
			t.Errorf("an application may %s", action)
		}
	}
}

// I6 and case 11: without the trail nothing happens, and each check is in it.
func TestWithoutTheTrailNothingIsAllowed(t *testing.T) {
	full := transfer.Wrap(transfer.StorageFull, "full", errors.New("ENOSPC"))
	for _, tc := range []struct {
		err  error
		want transfer.Code
	}{{errors.New("disk on fire"), transfer.Unavailable}, {full, transfer.StorageFull}} {
		gate := New(&notebook{err: tc.err}, namer)
		for _, action := range []Action{Send, Sweep} { // allowed and denied alike
			err := gate.Check(t.Context(), Staff(staff(transfer.Caseworker)), action, own())
			if transfer.CodeOf(err) != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%s: %v", action, err)
			}
		}
	}
}

func TestTheTrailHasPseudonymsOnly(t *testing.T) {
	trail := &notebook{}
	gate := New(trail, namer)
	hostile := own()
	hostile.ID, hostile.File = "../../etc/passwd", transfer.FileID(strings.Repeat("x", 10_000))
	for _, p := range principals {
		_ = gate.Check(t.Context(), actorOf(p), Read, own())
		_ = gate.Check(t.Context(), actorOf(p), Read, hostile)
	}
	text, _ := json.Marshal(trail.events)
	for _, secret := range []string{"oid-1", "The Caseworker", "caseworker@", "eyJ", "passwd"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is in the trail", secret)
		}
	}
	if len(trail.events) != 2*len(principals) || len(text) > 10_000 {
		t.Errorf("%d events in %d bytes", len(trail.events), len(text))
	}
	want := Event{Tenant: "aalborg", Actor: "staff:" + namer.Owner("aalborg", "oid-1"), Action: Read, ID: aID, Recipient: "r1", Outcome: Allowed}
	if trail.events[0] != want {
		t.Errorf("event %+v", trail.events[0])
	}
}
