//go:build !linux

package file

import "os"

// file is a file being written.
type file struct{ *os.File }
