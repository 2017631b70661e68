package app

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/blob/azure"
	"senddigitally/backend/blob/blobtest"
	blobfile "senddigitally/backend/blob/file"
	"senddigitally/backend/config"
	"senddigitally/backend/keys"
)

// A place is opened by the driver of its kind; what cannot be reached is refused
// at the start.
func TestAPlaceIsOpenedByTheDriverOfItsKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := keys.Init(path); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	o := &Opened{Setup: Setup{Ring: ring, Clock: time.Now}}
	store, err := o.blobs(t.Context(), config.Storage{}, "file://"+t.TempDir())
	if _, is := store.(*blobfile.Store); err != nil || !is {
		t.Errorf("file: %T, %v", store, err)
	}
	_, port := blobtest.FreeAddress(t)
	for _, address := range []string{"s3://bucket?endpoint=http://127.0.0.1:" + port, "azblob://account/container?endpoint=http://127.0.0.1:" + port} {
		storage := config.Storage{S3AccessKey: "key", S3SecretKey: "hidden", AzureAccountKey: "aGlkZGVu"}
		if _, err := o.blobs(t.Context(), storage, address); err == nil || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "aGlkZGVu") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAnAzurePlaceTakesTheMachinesIdentityWithoutAKey(t *testing.T) {
	parsed, err := config.ParsePlace("azblob://account/container/a/b")
	if err != nil {
		t.Fatal(err)
	}
	place, err := azurePlace(parsed, config.Storage{})
	if err != nil || place.Credential == nil {
		t.Fatalf("%+v, %v", place, err)
	}
	if place.Credential = nil; place != (azure.Place{Account: "account", Container: "container", Prefix: "a/b"}) {
		t.Errorf("%+v", place)
	}
}
