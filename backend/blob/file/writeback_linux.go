package file

import (
	"os"
	"syscall"
)

// writebackStep is how many bytes are written before the kernel is asked to
// start bringing them to the disk, so that the final sync has little left.
const writebackStep = 8 << 20

const syncFileRangeWrite = 2 // SYNC_FILE_RANGE_WRITE, sync_file_range(2)

// file is a file being written.
type file struct {
	*os.File
	written, started int64
}

func (f *file) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.written += int64(n)
	if pending := f.written - f.started; pending >= writebackStep {
		// Only a hint: the sync that follows is what counts.
		_ = syscall.SyncFileRange(int(f.Fd()), f.started, pending, syncFileRangeWrite)
		f.started = f.written
	}
	return n, err
}
