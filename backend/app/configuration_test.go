package app_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"senddigitally/backend/config"
)

var update = flag.Bool("update", false, "write the committed references anew")

func TestTheConfigurationReferenceIsWhatTheCodeSays(t *testing.T) {
	const path = "../../deploy/configuration.md"
	want := config.Reference()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not current: run go test ./backend/app -update", path)
	}
}
