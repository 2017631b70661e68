//go:build unix

package file

import (
	"io/fs"
	"os"
	"syscall"
)

// entries reads a folder. A folder that an os.Root opened looks every entry up
// once more (lstat); the same folder by its descriptor takes their kinds as the
// folder has them. Info of such an entry leads nowhere: see Stat.
func entries(dir *os.File) ([]fs.DirEntry, error) {
	same, err := duplicate(int(dir.Fd()))
	if err != nil {
		return nil, err
	}
	plain := os.NewFile(uintptr(same), dir.Name())
	defer plain.Close()
	return plain.ReadDir(-1)
}

// duplicate duplicates a descriptor, which no process that is started meanwhile gets.
func duplicate(descriptor int) (same int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if same, err = syscall.Dup(descriptor); err == nil {
		syscall.CloseOnExec(same)
	}
	return same, err
}
