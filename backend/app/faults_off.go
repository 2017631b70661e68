//go:build !faults

package app

import (
	"time"

	"senddigitally/backend/blob"
)

// Named fault points are compiled in for tests only, by the build tag "faults".

func faultyClock(clock func() time.Time) func() time.Time { return clock }

func faultyStore(_ string, s blob.Store) blob.Store { return s }

func faultyLease() time.Duration { return 0 }
