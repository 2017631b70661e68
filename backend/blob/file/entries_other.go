//go:build !unix

package file

import (
	"io/fs"
	"os"
)

func entries(dir *os.File) ([]fs.DirEntry, error) { return dir.ReadDir(-1) }
