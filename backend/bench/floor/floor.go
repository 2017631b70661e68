// Package floor is the least that a server of encrypted files can do: read or
// write a file, a segment at a time, under AES-GCM or as it is, synced or not.
// The benchmarks divide the product by it.
//
// Invariant: it does nothing else: no authorisation, no hash, no manifest, no
// audit log, no names. Failure: any error ends the request.
package floor

import (
	"crypto/aes"
	"crypto/cipher"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const segment = 256 << 10

// Server serves the files of a directory by GET, and stores them by PUT.
type Server struct {
	Dir     string
	Encrypt bool
	Sync    bool // the file is durable before the answer
	Name    bool // and so is its name in the directory
}

func (s Server) aead() cipher.AEAD {
	block, _ := aes.NewCipher(make([]byte, 32))
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	return aead
}

// ServeHTTP implements http.Handler.
func (s Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := filepath.Join(s.Dir, filepath.Base(r.URL.Path))
	act := s.get
	if r.Method == http.MethodPut {
		act = s.put
	}
	if err := act(w, r, path); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (s Server) get(w http.ResponseWriter, r *http.Request, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if !s.Encrypt {
		http.ServeContent(w, r, "", time.Time{}, f)
		return nil
	}
	aead, in, out := s.aead(), make([]byte, segment+28), make([]byte, 0, segment)
	for {
		n, err := io.ReadFull(f, in)
		if n > 0 {
			plain, failed := aead.Open(out, nil, in[:n], nil)
			if failed != nil {
				return failed
			}
			if _, failed := w.Write(plain); failed != nil {
				return failed
			}
		}
		if err != nil {
			return ended(err)
		}
	}
}

func (s Server) put(_ http.ResponseWriter, r *http.Request, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	aead, in, out := s.aead(), make([]byte, segment), make([]byte, 0, segment+28)
	for {
		n, err := io.ReadFull(r.Body, in)
		sealed := in[:n]
		if s.Encrypt && n > 0 {
			sealed = aead.Seal(out, nil, sealed, nil)
		}
		if _, failed := f.Write(sealed); failed != nil {
			return failed
		}
		if err != nil {
			if err = ended(err); err == nil {
				err = s.sync(f)
			}
			return err
		}
	}
}

func (s Server) sync(f *os.File) error {
	if s.Sync {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if !s.Name {
		return nil
	}
	folder, err := os.Open(s.Dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

func ended(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}
