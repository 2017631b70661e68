//go:build !linux

package trial

import "syscall"

// withParent: other systems cannot end a child with its parent; the next trial
// retires what was left behind.
func withParent() *syscall.SysProcAttr { return nil }
