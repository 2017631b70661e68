package main

import (
	"fmt"
	"image/png"
	"os"
	"testing"
)

func TestTheKeptPicturesAreTheDrawing(t *testing.T) {
	for _, size := range sizes {
		name := fmt.Sprintf("../public/icons/icon-%d.png", size)
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := png.Decode(file)
		_ = file.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		drawn := draw(size)
		if kept.Bounds() != drawn.Bounds() {
			t.Fatalf("%s is %v", name, kept.Bounds())
		}
		for i := range size * size {
			x, y := i%size, i/size
			r, g, b, a := kept.At(x, y).RGBA()
			r2, g2, b2, a2 := drawn.At(x, y).RGBA()
			if r != r2 || g != g2 || b != b2 || a != a2 {
				t.Fatalf("%s differs at %d,%d: run go run ./addin/icons", name, x, y)
			}
		}
	}
}
