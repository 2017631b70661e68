//go:build !unix

package routing

import "time"

// worked is the time that something takes: the processor's is not to be had here.
func worked(do func()) time.Duration {
	begun := time.Now()
	do()
	return time.Since(begun)
}
