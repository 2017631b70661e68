package entra

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"time"
)

// Server is the tenant on a TLS listener with a certificate of its own, which MSAL
// needs: it takes only https authorities.
type Server struct {
	*Entra
	http        *http.Server
	certificate *x509.Certificate
}

// Listen serves the tenant on a loopback address such as "127.0.0.1:0" and sets its
// issuer to it.
func Listen(e *Entra, address string) (*Server, error) {
	certificate, err := selfSigned()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		listener.Close()
		return nil, errors.New("the sandbox's directory listens on loopback only")
	}
	e.mu.Lock()
	e.base = "https://" + listener.Addr().String()
	e.mu.Unlock()
	s := &Server{Entra: e, certificate: certificate.Leaf, http: &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second}}
	secure := tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}})
	go s.http.Serve(secure)
	return s, nil
}

// Client answers an HTTP client that trusts the server's certificate and no other: for
// MSAL (confidential.WithHTTPClient) and go-oidc (oidc.ClientContext).
func (s *Server) Client() *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(s.certificate)
	return &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true},
	}
}

// Certificate answers the server's certificate, for clients that build their own pool.
func (s *Server) Certificate() *x509.Certificate { return s.certificate }

// Close stops listening and drops open connections.
func (s *Server) Close() error { return s.http.Close() }

// selfSigned makes a certificate for loopback that lives as long as the process; real
// time applies, since TLS libraries check against it.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "Send Digitally sandbox"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
