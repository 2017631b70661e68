package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
)

// Case 70, and I2 for the log: one line an event, and nothing in it that opens
// something or names somebody.
func TestCase70LogLinesAreHarmless(t *testing.T) {
	hostile := "a\r\nlevel=ERROR msg=forged \x1b[31mred\u009b31m\u202egnp.exe\u2028end"
	for _, format := range []string{"json", "text"} {
		var b bytes.Buffer
		log := Logger(&b, Log{Level: "debug", Format: format})
		log.With("password", "hunter1").WithGroup("request").Info(hostile, "path", hostile, "file", transfer.FileID(hostile), "error", errors.New(hostile),
			"token", "hunter2", "Authorization", "Bearer hunter3", "code", "hunter4", "client_secret", "hunter5", "subject", "hunter6", "address", "hunter7",
			"caller", transfer.Caller{Assertion: "hunter8"}.Assertion, "link", transfer.LinkToken("hunter9"), slog.Group("inner", "id_token", "hunter0"))
		out := b.String()
		if strings.Count(out, "\n") != 1 || strings.ContainsAny(strings.TrimSuffix(out, "\n"), "\r\x1b\u009b\u202e\u2028") {
			t.Errorf("%s: %q", format, out)
		}
		if strings.Contains(out, "hunter") {
			t.Errorf("%s: a secret is in %s", format, out)
		}
		if format == "json" && !json.Valid(b.Bytes()) {
			t.Errorf("not JSON: %s", out)
		}
	}
}

func TestTheLogKeepsWhatIsHarmless(t *testing.T) {
	var b bytes.Buffer
	log := Logger(&b, Log{Level: "warn", Format: "text"})
	log.Info("quiet")
	log.Warn("Blåbærgrød", "transfer", "0a01", "count", 3, "reason", transfer.StorageFull)
	for _, part := range []string{"Blåbærgrød", "transfer=0a01", "count=3", "reason=storage_full"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("%q lacks %s", b.String(), part)
		}
	}
	if strings.Contains(b.String(), "quiet") {
		t.Error("the level is not kept")
	}
}
