package web

import "io"

// PieceSize is how many bytes are moved at a time: the vault's segment.
const PieceSize = 256 << 10

type piece struct {
	bytes []byte
	err   error
}

// copyAhead reads the next piece while one is being written. Under TLS a write
// encrypts, and that is the time in which to decrypt; without, it would only
// carry bytes from one processor to another.
func copyAhead(write func([]byte) (int, error), r io.Reader) (written int64, err error) {
	empty, full := make(chan []byte, 2), make(chan piece, 1)
	empty <- make([]byte, PieceSize)
	empty <- make([]byte, PieceSize)
	go func() {
		defer close(full)
		for buffer := range empty {
			n, err := r.Read(buffer)
			full <- piece{buffer[:n], err}
			if err != nil {
				return
			}
		}
	}()
	for p := range full {
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
