package main

import (
	"image"
	"image/color"
	"math"
)

// The sizes, in pixels, that Outlook asks for on some device: 16, 32 and 80 are
// required, 64 and 128 are the add-in lists', the others serve other scales and
// phones
// (https://learn.microsoft.com/office/dev/add-ins/design/add-in-icons).
var sizes = []int{16, 20, 24, 25, 32, 40, 48, 50, 64, 75, 80, 96, 128, 144}

var (
	paper = color.NRGBA{0x0f, 0x6c, 0xbd, 0xff} // readable on Outlook's light and dark ribbon
	fold  = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	lock  = color.NRGBA{0x0b, 0x6a, 0x0b, 0xff}
)

// samples a side: each pixel is the mean of 8 × 8 points.
const samples = 8

// draw is the picture at a size. The drawing itself is made of shapes on a
// square from 0 to 1, so every size is the same drawing.
func draw(size int) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			picture.SetNRGBA(x, y, pixel(x, y, size))
		}
	}
	return picture
}

func pixel(x, y, size int) color.NRGBA {
	var r, g, b, a int
	for i := range samples * samples {
		u := (float64(x) + (float64(i%samples)+0.5)/samples) / float64(size)
		v := (float64(y) + (float64(i/samples)+0.5)/samples) / float64(size)
		c := colourAt(u, v)
		r, g, b, a = r+int(c.R)*int(c.A), g+int(c.G)*int(c.A), b+int(c.B)*int(c.A), a+int(c.A)
	}
	if a == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{uint8(r / a), uint8(g / a), uint8(b / a), uint8(a / (samples * samples))}
}

// colourAt is the drawing: from the front, a lock with its keyhole, a clear rim
// around it, the envelope's fold, the envelope.
func colourAt(u, v float64) color.NRGBA {
	switch {
	case inKeyhole(u, v):
		return fold
	case inLock(u, v, 0):
		return lock
	case inLock(u, v, 0.05):
		return color.NRGBA{}
	case inFold(u, v):
		return fold
	case inBox(u, v, 0.03, 0.14, 0.97, 0.80, 0.09):
		return paper
	}
	return color.NRGBA{}
}

func inFold(u, v float64) bool {
	line := 0.24 + 0.30*(1-math.Abs(u-0.5)/0.40)
	return math.Abs(u-0.5) < 0.40 && math.Abs(v-line) < 0.045
}

func inLock(u, v, grow float64) bool {
	if inBox(u, v, 0.54-grow, 0.62-grow, 0.98+grow, 0.96+grow, 0.06+grow) {
		return true
	}
	outer, inner := 0.16+grow, 0.085-grow
	distance := math.Hypot(u-0.76, v-0.58)
	return v < 0.66 && distance < outer && distance > inner
}

func inKeyhole(u, v float64) bool {
	return math.Hypot(u-0.76, v-0.75) < 0.05 || (math.Abs(u-0.76) < 0.022 && v > 0.75 && v < 0.87)
}

// inBox is true inside a rectangle with corners of radius r.
func inBox(u, v, left, top, right, bottom, r float64) bool {
	dx := math.Max(math.Max(left+r-u, u-(right-r)), 0)
	dy := math.Max(math.Max(top+r-v, v-(bottom-r)), 0)
	return math.Hypot(dx, dy) <= r
}
