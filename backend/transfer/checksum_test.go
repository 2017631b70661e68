package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"senddigitally/backend/transfer"
)

func TestAChecksumIsTheSHA256(t *testing.T) {
	// FIPS 180-2, B.1
	sum, err := transfer.Checksum(t.Context(), strings.NewReader("abc"))
	if got := fmt.Sprintf("%x", sum); err != nil || got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestAChecksumThatNobodyWaitsForEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read := 0
	endless := readerFunc(func(b []byte) (int, error) {
		if read++; read == 3 {
			stop()
		}
		if read > 10 {
			return 0, io.EOF
		}
		return len(b), nil
	})
	if _, err := transfer.Checksum(ctx, endless); !errors.Is(err, context.Canceled) {
		t.Errorf("after %d reads: %v", read, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }
