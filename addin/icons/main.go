// Command icons draws the add-in's icon, an envelope with a lock, in every size
// that a manifest may name, into public/icons. It runs only when the drawing
// changes (`go run ./addin/icons` in the repository's root); the pictures are
// kept with the sources. A file that cannot be written ends it with the reason.
package main

import (
	"fmt"
	"image/png"
	"log"
	"os"
	"path/filepath"
)

const folder = "addin/public/icons"

func main() {
	for _, size := range sizes {
		if err := write(size); err != nil {
			log.Fatal(err)
		}
	}
}

func write(size int) (err error) {
	file, err := os.Create(filepath.Join(folder, fmt.Sprintf("icon-%d.png", size)))
	if err != nil {
		return err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(file, draw(size))
}
