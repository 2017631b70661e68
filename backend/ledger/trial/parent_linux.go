package trial

import "syscall"

// withParent makes the child end when this process does, even by a crash.
func withParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
