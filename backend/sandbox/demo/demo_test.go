package demo_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/demo"
)

func TestTheMainJob(t *testing.T) {
	ctx := context.Background()
	s, err := sandbox.Start(ctx, sandbox.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	var out bytes.Buffer
	if err := demo.Run(ctx, s, &out, []string{random(t, "decision.pdf", 100_000), random(t, "plan.bin", 5<<20), random(t, "film.mp4", 30<<20)}); err != nil {
		t.Error(err)
	}
	t.Log("\n" + out.String())
}

func random(t *testing.T, name string, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	content := make([]byte, size)
	_, _ = rand.Read(content)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
