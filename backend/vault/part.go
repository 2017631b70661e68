package vault

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"senddigitally/backend/transfer"
)

// A part's id is 48 bits of Unix milliseconds and 80 random bits, in
// hexadecimal: whoever looks at the store sees how old it is.
const (
	timeDigits   = 12
	partIDDigits = 32
)

func newPartID(now time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(now.UnixMilli())<<16)
	_, _ = rand.Read(id[timeDigits/2:])
	return hex.EncodeToString(id[:])
}

// partWriter stores one part while its segments arrive.
type partWriter struct {
	id       string
	length   int64 // plaintext bytes handed over
	segments chan *segment
	ended    bool
	aborted  error // set before segments is closed

	done chan struct{} // closed when the store has answered
	err  error         // of the store, once done
}

var errShort = errors.New("the store took fewer bytes than the part has")

func (v *Vault) newPartWriter(u *upload) *partWriter {
	w := &partWriter{id: newPartID(v.clock()), segments: make(chan *segment), done: make(chan struct{})}
	source := &sealing{part: w, cipher: newPartCipher(u.place, u.key, u.file, w.id), pending: []byte(partMagic)}
	go func() {
		defer close(w.done)
		n, err := v.blobs.Put(u.ctx, u.place.folder()+partPrefix+w.id, source)
		if err == nil && n != source.sealed {
			err = errShort
		}
		w.err = unavailable(err)
	}()
	return w
}

// end lets the part be stored, or aborts it with an error.
func (w *partWriter) end(aborted error) {
	if !w.ended {
		w.ended, w.aborted = true, aborted
		close(w.segments)
	}
}

func (w *partWriter) wait() error {
	<-w.done
	return w.err
}

// failure is why a part was done before its end.
func (w *partWriter) failure() error {
	if w.err != nil {
		return w.err
	}
	return transfer.Wrap(transfer.Unavailable, "the storage does not work", errShort)
}

// sealing is the encrypted form of a part as its segments arrive.
type sealing struct {
	part    *partWriter
	cipher  *partCipher
	number  int64
	pending []byte // sealed and not read yet
	sealed  int64  // bytes given out
	buffer  *[fullSealed]byte
}

// WriteTo gives whole segments to a store that writes as it is told.
func (s *sealing) WriteTo(w io.Writer) (int64, error) {
	for {
		n, err := w.Write(s.pending)
		s.sealed += int64(n)
		s.pending = s.pending[n:]
		if err == nil {
			err = s.next()
		}
		if err == io.EOF {
			return s.sealed, nil
		}
		if err != nil {
			return s.sealed, err
		}
	}
}

// Read serves a store that asks.
func (s *sealing) Read(p []byte) (int, error) {
	if len(s.pending) == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.pending)
	s.pending = s.pending[n:]
	s.sealed += int64(n)
	return n, nil
}

// next seals the next segment; io.EOF after the last.
func (s *sealing) next() error {
	if s.buffer == nil {
		s.buffer = sealedPool.Get().(*[fullSealed]byte)
	}
	plain, more := <-s.part.segments
	if !more {
		sealedPool.Put(s.buffer)
		s.buffer, s.pending = nil, nil
		if s.part.aborted != nil {
			return s.part.aborted
		}
		return io.EOF
	}
	s.pending = s.cipher.seal(s.buffer[:0], plain.bytes[:plain.size], s.number)
	s.number++
	segmentPool.Put(plain)
	return nil
}
