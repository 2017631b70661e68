//go:build faults

package app

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"senddigitally/backend/blob"
)

// faultyClock runs ahead of the real one by what SENDDIGITALLYFAULT_AHEAD says.
func faultyClock(clock func() time.Time) func() time.Time {
	ahead, _ := time.ParseDuration(os.Getenv("SENDDIGITALLYFAULT_AHEAD"))
	return func() time.Time { return clock().Add(ahead) }
}

// faultyLease is how long a job stays claimed by a killed worker, so that a run
// with many kills need not wait a minute after each.
func faultyLease() time.Duration {
	lease, _ := time.ParseDuration(os.Getenv("SENDDIGITALLYFAULT_LEASE"))
	return lease
}

// faultyStore kills the process at the point that SENDDIGITALLYFAULT_KILL names:
// "<store> <put|delete> <what> <before|after> <n>", at its n-th time. With
// SENDDIGITALLYFAULT_SYNC puts fail instead, as if the disk did not take them.
func faultyStore(which string, s blob.Store) blob.Store {
	f := &faulty{Store: s, which: which, failing: os.Getenv("SENDDIGITALLYFAULT_SYNC") == which}
	point, number, _ := cutLast(os.Getenv("SENDDIGITALLYFAULT_KILL"))
	n, _ := strconv.Atoi(number)
	f.point = point
	f.left.Store(int64(n))
	return f
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

type faulty struct {
	blob.Store
	which, point string
	failing      bool
	left         atomic.Int64
}

func (f *faulty) reached(op, name, when string) {
	if f.which+" "+op+" "+what(name)+" "+when == f.point && f.left.Add(-1) == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// what kind of blob a name is of.
func what(name string) string {
	path := strings.Split(name, "/")
	switch {
	case len(path) > 1 && path[1] == "erased":
		return "tombstone"
	case len(path) == 3:
		if path[1] == "open" || path[1] == "epoch" {
			return path[1]
		}
		return "day"
	}
	kind, _, _ := strings.Cut(path[len(path)-1], ".")
	return kind
}

func (f *faulty) Put(ctx context.Context, name string, r io.Reader) (int64, error) {
	if f.failing {
		return 0, errors.New("input/output error")
	}
	f.reached("put", name, "before")
	n, err := f.Store.Put(ctx, name, r)
	f.reached("put", name, "after")
	return n, err
}

func (f *faulty) Delete(ctx context.Context, name string) error {
	f.reached("delete", name, "before")
	err := f.Store.Delete(ctx, name)
	f.reached("delete", name, "after")
	return err
}
