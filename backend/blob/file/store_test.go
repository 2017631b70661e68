package file

import (
	"testing"
	"time"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/blobtest"
)

func TestConformance(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, err := Open(t.TempDir(), "test", time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
