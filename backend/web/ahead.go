package web

import (
	"fmt"
	"io"
	"runtime/debug"
)

// PieceSize is how many bytes are moved at a time: the vault's segment.
const PieceSize = 256 << 10

type piece struct {
	bytes  []byte
	err    error
	defect string // that reading panicked with, and where
}

// copyAhead reads the next piece while one is being written. Under TLS a write
// encrypts, and that is the time in which to decrypt; without, it would only
// carry bytes from one processor to another. A reader that panics does so for
// the caller.
func copyAhead(write func([]byte) (int, error), r io.Reader) (written int64, err error) {
	empty, full := make(chan []byte, 2), make(chan piece, 1)
	empty <- make([]byte, PieceSize)
	empty <- make([]byte, PieceSize)
	go func() {
		defer close(full)
		for buffer := range empty {
			p := read(r, buffer)
			full <- p
			if p.err != nil || p.defect != "" {
				return
			}
		}
	}()
	for p := range full {
		if p.defect != "" {
			panic(p.defect)
		}
		if err == nil {
			var n int
			n, err = write(p.bytes)
			written += int64(n)
			if err != nil {
				close(empty)
			} else {
				empty <- p.bytes[:PieceSize]
			}
		}
		if err == nil && p.err != nil && p.err != io.EOF {
			err = p.err
		}
	}
	return written, err
}

// read notes a panic, which would end the process here: nothing catches it
// outside the request's own goroutine.
func read(r io.Reader, buffer []byte) (p piece) {
	defer func() {
		if defect := recover(); defect != nil {
			p = piece{defect: fmt.Sprintf("%v\n%s", defect, debug.Stack())}
		}
	}()
	n, err := r.Read(buffer)
	return piece{bytes: buffer[:n], err: err}
}
