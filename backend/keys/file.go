package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const ringMode fs.FileMode = 0o400

// Init writes a new keyring, mode 0400, where none is.
func Init(path string) error { return store(path, newRing(time.Now()), os.Link) }

// Load reads a keyring. A file that others than its owner may read, or that
// anybody may execute, is refused: modes 0400 and 0600 are accepted.
func Load(path string) (*Ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode(); mode != 0o400 && mode != 0o600 {
		return nil, fmt.Errorf("the keyring %s must be a file with mode 0400 or 0600, not %v", path, mode)
	}
	content, err := io.ReadAll(io.LimitReader(f, maxRing))
	if err != nil {
		return nil, err
	}
	ring, err := parseRing(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ring, nil
}

// Rotate adds a new key-encryption key as the primary; the older ones stay, for
// what they have wrapped. A process that runs on meanwhile reads the file again
// (see [Followed]); one on another machine needs it there before the container is
// rewrapped, since it refuses what it cannot unwrap.
func Rotate(path string) error {
	ring, err := Load(path)
	if err != nil {
		return err
	}
	ring.content.KEKs = append([]ringKEK{newKEK(time.Now())}, ring.content.KEKs...)
	return store(path, ring, os.Rename)
}

// store writes the ring to a temporary file beside path, synced, and moves it
// into place: with os.Link only where nothing is, with os.Rename over the old.
func store(path string, ring *Ring, into func(from, to string) error) error {
	content, err := json.MarshalIndent(ring.content, "", "  ")
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	temp, err := os.CreateTemp(folder, ".keyring-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := errors.Join(fill(temp, append(content, '\n')), temp.Close()); err != nil {
		return err
	}
	if err := into(temp.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func fill(f *os.File, content []byte) error {
	if _, err := io.Copy(f, bytes.NewReader(content)); err != nil {
		return err
	}
	if err := f.Chmod(ringMode); err != nil {
		return err
	}
	return f.Sync()
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
