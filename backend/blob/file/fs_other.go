//go:build !linux

package file

import "os"

// within is the file system below a directory.
func within(root *os.Root) files { return rooted{root} }
