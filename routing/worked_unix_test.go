//go:build unix

package routing

import (
	"syscall"
	"time"
)

// worked is the processor time that something takes, whatever else the machine
// does meanwhile.
func worked(do func()) time.Duration {
	before := processorTime()
	do()
	return processorTime() - before
}

func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
