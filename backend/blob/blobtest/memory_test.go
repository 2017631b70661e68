package blobtest

import (
	"testing"

	"senddigitally/backend/blob"
)

func TestMemoryConforms(t *testing.T) {
	Run(t, func(*testing.T) blob.Store { return NewMemory() })
}
