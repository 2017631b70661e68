package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
)

// Secret is a value that does not print. Its zero value is none.
type Secret string

const hidden = "[secret]"

func (Secret) String() string               { return hidden }
func (Secret) GoString() string             { return hidden }
func (Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Reveal is the secret itself, for what it opens and nothing else.
func (s Secret) Reveal() string { return string(s) }

// Duration is a time span, written with days, hours, minutes and seconds: "7d",
// "1d12h", "90s".
type Duration time.Duration

const day = 24 * time.Hour

// UnmarshalText reads a time span.
func (d *Duration) UnmarshalText(text []byte) error {
	rest := strings.ReplaceAll(string(text), " ", "")
	var total time.Duration
	if days, after, found := strings.Cut(rest, "d"); found {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return errDuration
		}
		total, rest = time.Duration(n)*day, after
	}
	if rest != "" {
		span, err := time.ParseDuration(rest)
		if err != nil || span < 0 || span > math.MaxInt64-total {
			return errDuration
		}
		total += span
	}
	if len(text) == 0 {
		return errDuration
	}
	*d = Duration(total)
	return nil
}

var errDuration = errors.New("not a time span")

// String writes it as UnmarshalText reads it.
func (d Duration) String() string {
	days, rest := time.Duration(d)/day, time.Duration(d)%day
	switch {
	case days == 0:
		return rest.String()
	case rest == 0:
		return fmt.Sprintf("%dd", days)
	}
	return fmt.Sprintf("%dd%s", days, rest)
}

// Size is a number of bytes, written with a unit: "2 GB" (1000³) or "4 MiB"
// (1024²), as IEC 80000-13 has them.
type Size int64

var units = map[string]int64{"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	written := strings.ToLower(strings.TrimSpace(string(text)))
	digits := strings.TrimRight(written, "abcdefghijklmnopqrstuvwxyz ")
	unit, known := units[strings.TrimSpace(written[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	if !known || err != nil || n < 0 || n > math.MaxInt64/unit {
		return errSize
	}
	*s = Size(n * unit)
	return nil
}

var errSize = errors.New("not a size")
