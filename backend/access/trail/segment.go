package trail

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"senddigitally/backend/access"
)

// store makes and removes the log's files.
type store interface {
	create(name string) (file, error)
	remove(name string) error
}

type file interface {
	Write(b []byte) (int, error)
	Sync() error
	Truncate(size int64) error
	Close() error
}

// directory is the store of every day.
type directory string

// create makes a new file whose name, too, is durable.
func (d directory) create(name string) (file, error) {
	f, err := os.OpenFile(filepath.Join(string(d), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncDirectory(string(d)); err != nil {
		return nil, errors.Join(err, f.Close(), d.remove(name))
	}
	return f, nil
}

func (d directory) remove(name string) error { return os.Remove(filepath.Join(string(d), name)) }

func syncDirectory(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

const fileSuffix = ".jsonl"

func fileName(day, chain string) string { return day + "-" + chain + fileSuffix }

// segment is an open file: one chain on one day. Lines are added in memory and
// count once flush has returned.
type segment struct {
	store   store
	file    file
	day     string
	chain   string
	size    int64 // durable bytes
	seq     uint64
	mac     []byte
	pending []byte
	// where the pending lines lead
	nextSeq uint64
	nextMAC []byte
}

// newSegment opens the file of a day: it continues the chain of the segment
// before, or begins one.
func newSegment(store store, day string, before *segment) (*segment, error) {
	s := &segment{store: store, day: day, chain: strings.ToLower(rand.Text()[:16]), mac: make([]byte, macSize)}
	if before != nil {
		s.chain, s.seq, s.mac = before.chain, before.seq, before.mac
	}
	f, err := store.create(fileName(day, s.chain))
	if err != nil {
		return nil, err
	}
	s.file, s.nextSeq, s.nextMAC = f, s.seq, s.mac
	return s, nil
}

func (s *segment) add(event access.Event, at time.Time, key []byte) error {
	text, mac, err := encode(Line{Chain: s.chain, Seq: s.nextSeq + 1, At: at, Event: event}, key, s.nextMAC)
	if err != nil {
		return err
	}
	s.pending = append(s.pending, text...)
	s.nextSeq, s.nextMAC = s.nextSeq+1, mac
	return nil
}

func (s *segment) flush() error {
	if _, err := s.file.Write(s.pending); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	s.size += int64(len(s.pending))
	s.seq, s.mac, s.pending = s.nextSeq, s.nextMAC, s.pending[:0]
	return nil
}

func (s *segment) head() Head {
	return Head{Chain: s.chain, Seq: s.seq, MAC: hex.EncodeToString(s.mac)}
}

// close leaves nothing in the file that was not durable before. When even that
// fails, whole lines stay that authenticate and promise nothing.
func (s *segment) close() {
	if s.size == 0 {
		_ = s.file.Close()
		_ = s.store.remove(fileName(s.day, s.chain))
		return
	}
	if s.nextSeq != s.seq {
		_ = s.file.Truncate(s.size)
	}
	_ = s.file.Close()
}
