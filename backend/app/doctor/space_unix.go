//go:build unix && !solaris

package doctor

import "syscall"

// space is what of the disk behind a directory a service may still use, in
// bytes and as a share.
func space(dir string) (free uint64, share float64, known bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil || s.Blocks == 0 {
		return 0, 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), float64(s.Bavail) / float64(s.Blocks), true
}

// writable asks the system (access(2), W_OK and X_OK), for the user who runs this.
func writable(dir string) bool { return syscall.Access(dir, 2|1) == nil }
