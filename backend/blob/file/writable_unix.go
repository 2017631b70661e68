//go:build unix

package file

import "syscall"

// writable asks the system (access(2), W_OK).
func writable(dir string) bool { return syscall.Access(dir, 2) == nil }
