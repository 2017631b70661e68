package vault

import (
	"os"
	"testing"
)

func makeFolder(t testing.TB, dir string) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
