// Package keyvault wraps epoch keys with an RSA key in Azure Key Vault, so that
// no file of the machine opens what is stored.
//
// What is wrapped is the key and an HMAC over tenant, id and key, under a secret
// of the keyring: RSA-OAEP alone would let everybody who knows the public key
// put a key of his own into the container. Each version of the Key Vault key is
// a key-encryption key of its own, "v" and the version; a rotation in Key Vault
// makes a new one, which a starting process finds and wraps with.
//
// Invariant: neither the vault's private key nor anything that replaces it is
// ever here. What another KEK wrapped is left to it, so that an installation can
// move from its keyring to Key Vault.
//
// Failure: Unavailable when Key Vault cannot be reached, refuses, or lacks the
// version; Integrity for what does not open or was not made here.
package keyvault

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"senddigitally/backend/keys"
	"senddigitally/backend/transfer"
)

const keySize = 32

// KEK is a keys.KEK in Key Vault.
type KEK struct {
	client  *azkeys.Client
	name    string
	version string
	binding []byte   // under which the HMAC is made
	others  keys.KEK // for what Key Vault did not wrap
}

// Options say which key, and who comes to it.
type Options struct {
	URL        string // https://<vault>/keys/<name>
	Credential azcore.TokenCredential
	Binding    []byte       // a secret of the installation, 32 bytes
	Others     keys.KEK     // unwraps what was wrapped before
	HTTP       *http.Client // nil for the default
}

// Open finds the newest version of the key.
func Open(ctx context.Context, o Options) (*KEK, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "https" || path.Dir(u.Path) != "/keys" {
		return nil, errors.New("write the address of a key: https://<vault>.vault.azure.net/keys/<name>")
	}
	options := &azkeys.ClientOptions{ClientOptions: policy.ClientOptions{
		Retry:     policy.RetryOptions{MaxRetries: 3, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: 2 * time.Second},
		Telemetry: policy.TelemetryOptions{Disabled: true}}}
	if o.HTTP != nil {
		options.Transport, options.DisableChallengeResourceVerification = o.HTTP, true
	}
	client, err := azkeys.NewClient("https://"+u.Host, o.Credential, options)
	if err != nil {
		return nil, err
	}
	k := &KEK{client: client, name: path.Base(u.Path), binding: o.Binding, others: o.Others}
	newest, err := client.GetKey(ctx, k.name, "", nil)
	if err != nil {
		return nil, failure(err)
	}
	k.version = newest.Key.KID.Version()
	return k, nil
}

// Primary implements keys.KEK.
func (k *KEK) Primary(string) string { return "v" + k.version }

// Wrap implements keys.KEK.
func (k *KEK) Wrap(ctx context.Context, tenant, id string, plaintext []byte) (keys.Wrapped, error) {
	payload := append(append([]byte(nil), plaintext...), k.mac(tenant, id, plaintext)...)
	out, err := k.client.WrapKey(ctx, k.name, k.version, operation(payload), nil)
	if err != nil {
		return keys.Wrapped{}, failure(err)
	}
	return keys.Wrapped{KEK: k.Primary(tenant), Bytes: out.Result}, nil
}

// Unwrap implements keys.KEK.
func (k *KEK) Unwrap(ctx context.Context, tenant, id string, w keys.Wrapped) ([]byte, error) {
	version, ours := strings.CutPrefix(w.KEK, "v")
	if !ours {
		return k.others.Unwrap(ctx, tenant, id, w)
	}
	out, err := k.client.UnwrapKey(ctx, k.name, version, operation(w.Bytes), nil)
	if err != nil {
		return nil, failure(err)
	}
	if len(out.Result) != keySize+sha256.Size {
		return nil, integrity(nil)
	}
	key, mac := out.Result[:keySize], out.Result[keySize:]
	if !hmac.Equal(mac, k.mac(tenant, id, key)) {
		return nil, integrity(nil)
	}
	return key, nil
}

func operation(value []byte) azkeys.KeyOperationParameters {
	algorithm := azkeys.EncryptionAlgorithmRSAOAEP256
	return azkeys.KeyOperationParameters{Algorithm: &algorithm, Value: value}
}

func (k *KEK) mac(tenant, id string, key []byte) []byte {
	h := hmac.New(sha256.New, k.binding)
	for _, part := range []string{"senddigitally/keyvault/1", tenant, id, string(key)} {
		_ = binary.Write(h, binary.BigEndian, uint32(len(part)))
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

// failure tells what Key Vault cannot decrypt (400) from what it does not do.
func failure(err error) error {
	answered, ok := errors.AsType[*azcore.ResponseError](err)
	switch {
	case ok && answered.StatusCode == http.StatusBadRequest:
		return integrity(err)
	case ok && answered.StatusCode == http.StatusNotFound:
		return transfer.Wrap(transfer.Unavailable, "Key Vault lacks the key or its version", err)
	case ok && answered.StatusCode == http.StatusForbidden:
		return transfer.Wrap(transfer.Unavailable, "Key Vault does not let this identity get, wrap and unwrap with the key", err)
	}
	return transfer.Wrap(transfer.Unavailable, "Key Vault cannot be reached", err)
}

func integrity(cause error) error {
	return transfer.Wrap(transfer.Integrity, "Key Vault does not open what it should have wrapped", cause)
}
