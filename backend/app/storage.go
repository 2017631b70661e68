package app

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/azure"
	blobfile "senddigitally/backend/blob/file"
	"senddigitally/backend/blob/s3"
	"senddigitally/backend/config"
	"senddigitally/backend/keys"
	"senddigitally/backend/keys/keyvault"
)

// Look says what keeps an installation from opening a place, and changes
// nothing there.
func Look(ctx context.Context, c config.Storage, address, installation string) error {
	p, err := config.ParsePlace(address)
	if err != nil {
		return err
	}
	switch p.Kind {
	case config.S3Bucket:
		return s3.Look(ctx, s3Place(p, c), installation)
	case config.AzureBlobs:
		place, err := azurePlace(p, c)
		if err != nil {
			return err
		}
		return azure.Look(ctx, place, installation)
	}
	return blobfile.Look(p.Root, installation)
}

// VerifyKeys says what keeps an installation from opening its stored keys, as the
// start finds out. A place for keys that is empty stays so.
func VerifyKeys(ctx context.Context, c config.Config, ring *keys.Ring) error {
	if Look(ctx, c.Storage, c.Storage.Keys, "") == nil { // whoever looks finds a place that is nobody's
		return nil
	}
	o := &Opened{Setup: Setup{Ring: ring, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}}
	var err error
	if o.KeyRecords, err = o.blobs(ctx, c.Storage, c.Storage.Keys); err != nil {
		return err
	}
	if o.KEK, err = o.kek(ctx, c.Storage); err != nil {
		return err
	}
	for _, t := range c.Tenants {
		o.Tenants = append(o.Tenants, Tenant{ID: t.ID})
	}
	return o.verifyKeys(ctx)
}

// Container is the key container of a setup.
func (s Setup) Container() *keys.Container {
	if s.KEK == nil {
		return keys.NewContainer(s.KeyRecords, s.Ring)
	}
	return keys.NewContainer(s.KeyRecords, s.KEK)
}

// kek opens what wraps the keys.
func (o *Opened) kek(ctx context.Context, c config.Storage) (keys.KEK, error) {
	keyring := keys.Follow(c.Keyring, o.Ring, o.Log)
	if c.KEK == config.InKeyring || c.KEK == "" {
		return keyring, nil
	}
	identity, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, err
	}
	return keyvault.Open(ctx, keyvault.Options{URL: c.KEK, Credential: identity, Binding: o.Ring.Derive("key vault"), Others: keyring})
}

// blobs opens a place with the driver of its kind, as this installation's.
func (o *Opened) blobs(ctx context.Context, c config.Storage, address string) (blob.Store, error) {
	p, err := config.ParsePlace(address)
	if err != nil {
		return nil, err
	}
	switch p.Kind {
	case config.S3Bucket:
		return s3.Open(ctx, s3Place(p, c), o.Ring.Installation())
	case config.AzureBlobs:
		place, err := azurePlace(p, c)
		if err != nil {
			return nil, err
		}
		return azure.Open(ctx, place, o.Ring.Installation())
	}
	return blobfile.Open(p.Root, o.Ring.Installation(), o.Clock)
}

func s3Place(p config.Place, c config.Storage) s3.Place {
	return s3.Place{Bucket: p.Root, Prefix: p.Path, Endpoint: p.Endpoint, Region: cmp.Or(p.Region, "us-east-1"),
		AccessKeyID: c.S3AccessKey, SecretKey: c.S3SecretKey.Reveal()}
}

func azurePlace(p config.Place, c config.Storage) (azure.Place, error) {
	container, prefix, _ := strings.Cut(p.Path, "/")
	place := azure.Place{Account: p.Root, Container: container, Prefix: prefix, Endpoint: p.Endpoint, AccountKey: c.AzureAccountKey.Reveal()}
	if place.AccountKey != "" {
		return place, nil
	}
	var err error
	place.Credential, err = azidentity.NewDefaultAzureCredential(nil)
	return place, err
}
