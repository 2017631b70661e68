package azure

import (
	"encoding/base64"
	"os"
	"os/exec"
	"strings"
	"testing"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/blobtest"
)

const account = "testaccount"

var accountKey = base64.StdEncoding.EncodeToString([]byte("a key of the test"))

// azurite runs the emulator on a directory.
func azurite(t *testing.T) Place {
	t.Helper()
	script := blobtest.Tool(t, "node_modules/.bin/azurite-blob")
	host, port := blobtest.FreeAddress(t)
	command := exec.Command("node", script, "--blobHost", host, "--blobPort", port, "--location", t.TempDir(),
		"--silent", "--skipApiVersionCheck", "--disableTelemetry")
	command.Env = append(os.Environ(), "AZURITE_ACCOUNTS="+account+":"+accountKey)
	blobtest.Serve(t, host+":"+port, command)
	return Place{Account: account, AccountKey: accountKey, Endpoint: "http://" + host + ":" + port + "/" + account}
}

func (p Place) made(t *testing.T, name string) Place {
	t.Helper()
	p.Container = name
	client, err := p.client()
	if err == nil {
		_, err = client.Create(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConformance(t *testing.T) {
	a, n := azurite(t), 0
	blobtest.Run(t, func(t *testing.T) blob.Store {
		n++
		p := a.made(t, "container-"+string(rune('a'+n)))
		p.Prefix = "installation/blobs"
		s, err := Open(t.Context(), p, "test")
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestOnlyTheOwnerOpensAContainer(t *testing.T) {
	p := azurite(t).made(t, "owned")
	for _, owner := range []string{"one", "one"} {
		if _, err := Open(t.Context(), p, owner); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(t.Context(), p, "two"); err == nil || !strings.Contains(err.Error(), "another installation") {
		t.Errorf("another owner: %v", err)
	}
}

// A permission that was lost is an error of every call and shows no secret.
func TestARefusalShowsNoSecret(t *testing.T) {
	p := azurite(t).made(t, "closed")
	p.AccountKey = base64.StdEncoding.EncodeToString([]byte("another key"))
	if _, err := Open(t.Context(), p, "one"); err == nil || strings.Contains(err.Error(), p.AccountKey) {
		t.Errorf("a wrong key: %v", err)
	}
	p.AccountKey = "not base64"
	if _, err := Open(t.Context(), p, "one"); err == nil || strings.Contains(err.Error(), p.AccountKey) {
		t.Errorf("a malformed key: %v", err)
	}
}
