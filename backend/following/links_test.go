package following_test

import (
	"context"
	"testing"

	"senddigitally/backend/transfer"
)

func links(t *testing.T, allowed bool, entries ...transfer.Entry) ([]string, error) {
	t.Helper()
	s := &shelf{}
	d := s.add("Decision", entries...)
	f := s.following()
	f.Policy = func(transfer.TenantID) transfer.Policy { return transfer.Policy{SenderLinks: allowed} }
	f.Organisation = func(transfer.TenantID) transfer.Organisation {
		return transfer.Organisation{Portal: "https://post.example"}
	}
	found, err := f.Links(context.Background(), caller, d.Manifest.ID)
	var urls []string
	for _, l := range found {
		urls = append(urls, l.URL)
	}
	want := "https://post.example/l/" + string(d.Link("r1")) + "?lang="
	if len(urls) == 1 && urls[0] != want {
		t.Errorf("the link is %q, want %q", urls[0], want)
	}
	return urls, err
}

func TestASenderSeesLinksOnlyWherePolicyAllows(t *testing.T) {
	if urls, err := links(t, true); err != nil || len(urls) != 1 {
		t.Errorf("%q, %v", urls, err)
	}
	if urls, err := links(t, false); transfer.CodeOf(err) != transfer.Forbidden || urls != nil {
		t.Errorf("%q, %v", urls, err)
	}
}

func TestAWithdrawnRecipientHasNoLinkToPassOn(t *testing.T) {
	if urls, err := links(t, true, transfer.Entry{Kind: transfer.WithdrawnBy, Recipient: "r1", At: now}); err != nil || len(urls) != 0 {
		t.Errorf("%q, %v", urls, err)
	}
}
