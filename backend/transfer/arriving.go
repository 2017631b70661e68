package transfer

// Arriving is a file that comes in pieces: what is there of it. File.Size is the
// bytes that are durable.
type Arriving struct {
	File   File  `json:"file"`
	Length int64 `json:"length"` // of the whole, as announced
	Seq    int   `json:"seq"`    // of this record; each piece makes the next
	Staged bool  `json:"-"`      // it waits for its manifest, and is on its way no more
}

// Whole reports whether nothing is missing any more.
func (a Arriving) Whole() bool { return a.File.Size == a.Length }
