package keyvault

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"senddigitally/backend/blob/blobtest"
	"senddigitally/backend/keys"
	"senddigitally/backend/transfer"
)

const tenant = transfer.TenantID("town")

// service answers as Key Vault's REST API 7.x does for keys: get, wrapkey,
// unwrapkey (learn.microsoft.com/rest/api/keyvault/keys).
type service struct {
	*httptest.Server
	mu       sync.Mutex
	versions []string // the newest last
	private  map[string]*rsa.PrivateKey
	status   int // answered instead, when set
	asked    int
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{private: map[string]*rsa.PrivateKey{}}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	s.rotate(t)
	return s
}

func (s *service) rotate(t *testing.T) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	version := fmt.Sprintf("%032x", len(s.versions)+1)
	s.versions, s.private[version] = append(s.versions, version), key
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if r.Header.Get("Authorization") != "Bearer a-token" {
		w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.example/tenant", resource="https://vault.example"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if s.status != 0 || len(part) < 2 || part[0] != "keys" || part[1] != "epochs" {
		w.WriteHeader(max(s.status, http.StatusNotFound))
		return
	}
	s.answer(w, r, append(part[2:], "", ""))
}

func (s *service) answer(w http.ResponseWriter, r *http.Request, part []string) {
	version, operation := part[0], part[1]
	if version == "" {
		version = s.versions[len(s.versions)-1]
	}
	key, found := s.private[version]
	if !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	encode := base64.RawURLEncoding.EncodeToString
	kid := s.URL + "/keys/epochs/" + version
	w.Header().Set("Content-Type", "application/json")
	if operation == "" {
		_ = json.NewEncoder(w).Encode(map[string]any{"key": map[string]any{"kid": kid, "kty": "RSA", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes())}})
		return
	}
	var in struct{ Alg, Value string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	value, _ := base64.RawURLEncoding.DecodeString(in.Value)
	var out []byte
	err := fmt.Errorf("algorithm %s", in.Alg)
	if in.Alg == "RSA-OAEP-256" && operation == "wrapkey" {
		out, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, &key.PublicKey, value, nil)
	} else if in.Alg == "RSA-OAEP-256" {
		out, err = rsa.DecryptOAEP(sha256.New(), nil, key, value, nil)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"kid": kid, "value": encode(out)})
}

type credential struct{}

func (credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "a-token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func (s *service) open(t *testing.T, ring *keys.Ring) *KEK {
	t.Helper()
	k, err := Open(t.Context(), Options{URL: s.URL + "/keys/epochs", Credential: credential{}, Binding: ring.Derive("key vault"), Others: ring, HTTP: s.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newRing(t *testing.T) *keys.Ring {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	if err := keys.Init(path); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func wantCode(t *testing.T, what string, err error, code transfer.Code) {
	t.Helper()
	if transfer.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestWrapAndUnwrap(t *testing.T) {
	s, ring := newService(t), newRing(t)
	k := s.open(t, ring)
	plain := bytes.Repeat([]byte{7}, keySize)
	w, err := k.Wrap(t.Context(), "town", "epoch", plain)
	if err != nil || w.KEK != k.Primary("") || bytes.Contains(w.Bytes, plain) {
		t.Fatal(w, err)
	}
	got, err := k.Unwrap(t.Context(), "town", "epoch", w)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatal(err)
	}
	_, err = k.Unwrap(t.Context(), "city", "epoch", w)
	wantCode(t, "another tenant", err, transfer.Integrity)
	_, err = k.Unwrap(t.Context(), "town", "other", w)
	wantCode(t, "another id", err, transfer.Integrity)
	damaged := keys.Wrapped{KEK: w.KEK, Bytes: bytes.Clone(w.Bytes)}
	damaged.Bytes[9] ^= 1
	_, err = k.Unwrap(t.Context(), "town", "epoch", damaged)
	wantCode(t, "damaged", err, transfer.Integrity)
	_, err = k.Unwrap(t.Context(), "town", "epoch", keys.Wrapped{KEK: "v00", Bytes: w.Bytes})
	wantCode(t, "an unknown version", err, transfer.Unavailable)
	_, err = s.open(t, newRing(t)).Unwrap(t.Context(), "town", "epoch", w)
	wantCode(t, "another installation's keyring", err, transfer.Integrity)
}

// Who has the public key alone cannot smuggle a key in.
func TestAForeignKeyIsNotAccepted(t *testing.T) {
	s, ring := newService(t), newRing(t)
	k := s.open(t, ring)
	public := &s.private[k.version].PublicKey
	forged, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public, make([]byte, keySize+sha256.Size), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Unwrap(t.Context(), "town", "epoch", keys.Wrapped{KEK: k.Primary(""), Bytes: forged})
	wantCode(t, "forged", err, transfer.Integrity)
}

// An installation moves from its keyring to Key Vault, rotates there, and asks
// the service once an epoch.
func TestAContainerMovesToKeyVaultAndRotates(t *testing.T) {
	s, ring, blobs := newService(t), newRing(t), blobtest.NewMemory()
	id, hold := ring.Namer().TransferID(tenant, "caller", "1"), transfer.HeldOpen
	key, err := keys.NewContainer(blobs, ring).Create(t.Context(), tenant, id, hold)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c := keys.NewContainer(blobs, s.open(t, ring))
		if err := c.Rewrap(t.Context(), tenant, nil); err != nil {
			t.Fatal(err)
		}
		s.rotate(t)
	}
	delete(s.private, s.versions[0])
	c := keys.NewContainer(blobs, s.open(t, ring))
	before := s.asked
	for range 5 {
		got, err := c.Open(t.Context(), tenant, id, hold)
		if err != nil || !bytes.Equal(got.Secret(), key.Secret()) {
			t.Fatal(err)
		}
	}
	if n := s.asked - before; n > 2 {
		t.Errorf("Key Vault was asked %d times for one epoch", n)
	}
	if _, err := keys.NewContainer(blobs, ring).Open(t.Context(), tenant, id, hold); transfer.CodeOf(err) != transfer.Unavailable {
		t.Errorf("the keyring alone: %v", err)
	}
}

func TestAKeyVaultThatRefusesIsUnavailable(t *testing.T) {
	s, ring := newService(t), newRing(t)
	k := s.open(t, ring)
	for _, status := range []int{http.StatusForbidden, http.StatusServiceUnavailable} {
		s.status = status
		_, err := k.Wrap(t.Context(), "town", "epoch", make([]byte, keySize))
		wantCode(t, fmt.Sprint(status), err, transfer.Unavailable)
	}
	s.Close()
	_, err := k.Wrap(t.Context(), "town", "epoch", make([]byte, keySize))
	wantCode(t, "gone", err, transfer.Unavailable)
	for _, address := range []string{"http://vault.example/keys/x", "https://vault.example/secrets/x", "%"} {
		if _, err := Open(t.Context(), Options{URL: address, Credential: credential{}}); err == nil {
			t.Errorf("%s was opened", address)
		}
	}
}
