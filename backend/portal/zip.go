package portal

import (
	"archive/zip"
	"fmt"
	"io"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"senddigitally/backend/opening"
	"senddigitally/backend/transfer"
	"senddigitally/backend/web"
)

// The sizes of a ZIP file's structures without names (PKWARE APPNOTE 6.3.10,
// 4.3 and 4.5): what Go's archive/zip writes for stored entries whose checksum
// is known only after their bytes.
const (
	zipLocal        = 30
	zipDescriptor   = 16
	zipDescriptor64 = 24
	zipCentral      = 46
	zipCentral64    = 28 // extra field of an entry beyond 4 GiB
	zipStamp        = 9  // extra field of the time, in both headers
	zipEnd          = 22
	zipEnd64        = 56 + 20
)

// zipEntry is a file under a name that no other entry has.
type zipEntry struct {
	transfer.File
	name string
}

// zipEntries names files apart, also for systems that ignore case. Each name is
// counted on from where the last file of that name came to, so that thousands
// of one name cost no more than thousands.
func zipEntries(files []transfer.File) []zipEntry {
	taken, last := map[string]bool{}, map[string]int{}
	all := make([]zipEntry, 0, len(files))
	for _, f := range files {
		name, ending, same := f.Name, filepath.Ext(f.Name), strings.ToLower(f.Name)
		for n := max(2, last[same]); taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(f.Name, ending), n, ending)
			last[same] = n + 1
		}
		taken[strings.ToLower(name)] = true
		all = append(all, zipEntry{f, name})
	}
	return all
}

// zipSize is the exact length of the ZIP file of some entries, in bytes.
func zipSize(entries []zipEntry) int64 {
	var at, directory int64
	for _, e := range entries {
		offset := at
		at += zipLocal + int64(len(e.name)) + zipStamp + e.Size + zipDescriptor
		directory += zipCentral + int64(len(e.name)) + zipStamp
		large := e.Size >= math.MaxUint32
		if large {
			at += zipDescriptor64 - zipDescriptor
		}
		if large || offset >= math.MaxUint32 {
			directory += zipCentral64
		}
	}
	size := at + directory + zipEnd
	if len(entries) >= math.MaxUint16 || directory >= math.MaxUint32 || at >= math.MaxUint32 {
		size += zipEnd64
	}
	return size
}

// writeZip writes the entries as they are, since what people send is mostly
// compressed already.
func writeZip(w io.Writer, entries []zipEntry, modified time.Time, open func(transfer.File) (io.ReadSeekCloser, error)) error {
	archive, buffer := zip.NewWriter(w), make([]byte, web.PieceSize)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Store, Modified: modified, NonUTF8: !utf8.ValidString(e.name)}
		header.UncompressedSize64 = uint64(e.Size)
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if err := copyFile(entry, e.File, open, buffer); err != nil {
			return err
		}
	}
	return archive.Close()
}

func copyFile(w io.Writer, f transfer.File, open func(transfer.File) (io.ReadSeekCloser, error), buffer []byte) error {
	content, err := open(f)
	if err != nil {
		return err
	}
	defer content.Close()
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{content}, buffer)
	if err == nil && n != f.Size {
		err = transfer.E(transfer.Integrity, "a stored file has another length than it had")
	}
	return err
}

// zip gives all files in one, streamed.
func (p *portal) zip(c *gin.Context) {
	parcel, err := p.parcel(c)
	if err != nil {
		p.endedSeat(c, err)
		return
	}
	entries := zipEntries(parcel.Message.Files)
	p.save(c, archiveName(parcel.Subject, ".zip"), "application/zip", zipSize(entries), func(w io.Writer) error {
		return writeZip(w, entries, parcel.AcceptedAt, func(f transfer.File) (io.ReadSeekCloser, error) { return parcel.Open(c, f) })
	})
}

// parcel is all that is to be kept. Who only asks about it (HEAD) is not counted.
func (p *portal) parcel(c *gin.Context) (opening.Parcel, error) {
	parcel, err := p.Opening.Parcel(c, seat(c))
	if err != nil || c.Request.Method == http.MethodHead {
		return parcel, err
	}
	return parcel, parcel.Claim(c)
}

// save streams something to be saved. What fails on the way breaks the
// connection, so that nobody takes a part for the whole. A negative size is not
// known before.
func (p *portal) save(c *gin.Context, name, kind string, size int64, write func(io.Writer) error) {
	h := c.Writer.Header()
	h.Set("Content-Disposition", web.Disposition(name))
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	if size >= 0 {
		h.Set("Content-Length", fmt.Sprint(size))
	}
	if c.Request.Method == http.MethodHead {
		return
	}
	out := &web.Outlet{ResponseWriter: c.Writer}
	err := write(out)
	if err != nil && !out.Failed {
		p.Log.Error("a download broke off", "transfer", seat(c).ID, "request", web.RequestID(c), "cause", err)
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

// archiveName is a file name from a subject.
func archiveName(subject, ending string) string {
	const longest = 100
	name := transfer.CleanName(strings.NewReplacer("/", "-", `\`, "-", ":", "-").Replace(subject))
	return shorten(name, longest) + ending
}
