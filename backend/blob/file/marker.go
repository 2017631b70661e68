package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

const (
	markerName      = ".senddigitally"
	temporaryFolder = ".tmp"
	temporaryGrace  = 24 * time.Hour
	markerText      = "This directory is managed by Send Digitally. It belongs to:\n"
)

// possess makes sure that the directory is the owner's and can be written.
func (s *Store) possess(owner string) error {
	text := markerText + owner + "\n"
	found, err := s.marker()
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.empty(); err != nil {
			return err
		}
	} else if err != nil {
		return err
	} else if found != text {
		return errors.New("the directory belongs to another installation or purpose")
	}
	if err := s.files.Mkdir(temporaryFolder); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the directory cannot be written: %w", err)
	}
	return s.mark(text)
}

// Look says what would keep Open from opening the directory, and changes
// nothing. Whether it can be written is asked of the system, not tried.
func Look(dir, owner string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	s := &Store{files: rooted{root}}
	found, err := s.marker()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = s.empty()
	case err == nil && found != markerText+owner+"\n":
		err = errors.New("the directory belongs to another installation or purpose")
	}
	if err == nil && !writable(dir) {
		err = errors.New("the directory cannot be written")
	}
	return err
}

// mark writes the marker; one that is there already shows that a file can be
// written and linked.
func (s *Store) mark(text string) error {
	temp := temporaryName()
	_, err := s.write(context.Background(), temp, strings.NewReader(text))
	if err == nil {
		err = s.publish(temp, markerName)
	}
	_ = s.files.Remove(temp)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the directory cannot be written: %w", err)
	}
	found, err := s.marker()
	if err == nil && found != text {
		err = errors.New("another installation took the directory at the same time")
	}
	return err
}

func (s *Store) marker() (string, error) {
	f, err := s.files.Open(markerName)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	return string(text), err
}

func (s *Store) empty() error {
	entries, err := s.files.ReadDir(".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != "lost+found" && e.Name() != temporaryFolder {
			return errors.New("the directory has content but no marker of an installation; an empty one is needed")
		}
	}
	return nil
}

// sweep removes temporary files of calls that were killed.
func (s *Store) sweep() error {
	entries, err := s.files.ReadDir(temporaryFolder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := s.files.Stat(temporaryFolder + "/" + e.Name())
		if err == nil && s.clock().Sub(info.ModTime()) > temporaryGrace {
			_ = s.files.Remove(temporaryFolder + "/" + e.Name())
		}
	}
	return nil
}
