package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Secured is a Redis that runs with the shipped deploy/redis/redis.conf and
// users.acl, over TLS.
type Secured struct {
	Address      string // host:port, of TLS
	User         string
	Password     string
	Authority    *x509.CertPool
	AuthorityPEM string // its file
}

// URL is the address with the user's credentials.
func (s Secured) URL() string { return "rediss://" + s.User + ":" + s.Password + "@" + s.Address }

// Secure starts one; deploy is the path of the repository's deploy folder. Only
// paths, port and password differ from the shipped files.
func Secure(t testing.TB, deploy string) Secured {
	t.Helper()
	dir := t.TempDir()
	s := Secured{User: "senddigitally", Password: "password-of-the-test"}
	s.Authority, s.AuthorityPEM = certificate(t, dir)
	acl, err := os.ReadFile(filepath.Join(deploy, "redis", "users.acl"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(s.Password))
	text := strings.Replace(string(acl), strings.Repeat("0", 64), hex.EncodeToString(sum[:]), 1)
	users := filepath.Join(dir, "users.acl")
	if err := os.WriteFile(users, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	conf, err := filepath.Abs(filepath.Join(deploy, "redis", "redis.conf"))
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	s.Address = "127.0.0.1:" + port
	Start(t, "--include", conf, "--dir", dir, "--tls-port", port, "--tls-cert-file", filepath.Join(dir, "tls.pem"),
		"--tls-key-file", filepath.Join(dir, "tls.key"), "--tls-ca-cert-file", s.AuthorityPEM, "--aclfile", users)
	return s
}

// certificate writes a self-signed certificate for loopback and its key.
func certificate(t testing.TB, dir string) (*x509.CertPool, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tls.pem")
	for name, block := range map[string]*pem.Block{path: {Type: "CERTIFICATE", Bytes: der}, filepath.Join(dir, "tls.key"): {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return pool, path
}
