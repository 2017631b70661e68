package bench_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// nginx serves the plain files by sendfile and takes them by DAV, over every
// protocol; nil where it is not installed.
func (r *rig) nginx() map[string]string {
	r.t.Helper()
	if _, err := exec.LookPath("nginx"); err != nil {
		r.t.Log("nginx is not installed: its ratios are not run (apt-get install nginx)")
		return nil
	}
	dir := r.t.TempDir()
	certificate(r.t, dir)
	urls, servers := map[string]string{}, ""
	for _, p := range protocols {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(r.t, err)
		address := l.Addr().String()
		must(r.t, l.Close())
		listen, scheme := address, "http"
		if p != "http" {
			listen, scheme = address+" ssl", "https"
		}
		if p == "h2" {
			listen += " http2"
		}
		urls[p] = scheme + "://" + address
		servers += fmt.Sprintf("server { listen %s; root %s; dav_methods PUT; ssl_certificate %s/tls.pem; ssl_certificate_key %s/tls.key; ssl_protocols TLSv1.3; }\n", listen, r.dir, dir, dir)
	}
	conf := fmt.Sprintf("daemon off; pid %[1]s/pid; error_log %[1]s/log; worker_processes 2; user root;\nevents {}\nhttp { access_log off; sendfile on; tcp_nopush on; client_max_body_size 0; client_body_temp_path %[1]s/body;\n%[2]s}\n", dir, servers)
	must(r.t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(conf), 0o600))
	command := exec.Command("nginx", "-c", filepath.Join(dir, "nginx.conf"), "-p", dir, "-e", filepath.Join(dir, "log"))
	must(r.t, command.Start())
	r.t.Cleanup(func() { _ = command.Process.Signal(os.Interrupt); _ = command.Wait() })
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", urls["http"][len("http://"):])
		if err == nil {
			_ = c.Close()
			return urls
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			r.t.Fatalf("nginx does not start: %s", text)
		}
	}
}

func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "tls.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "tls.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}
