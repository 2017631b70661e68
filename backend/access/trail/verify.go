package trail

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Fault is what is wrong at a place of the log.
type Fault string

// The faults.
const (
	Unreadable Fault = "unreadable" // not a line of the log
	Misfit     Fault = "misfit"     // edited, or not by the holder of the key, or out of place
	Gap        Fault = "gap"        // lines or a file are missing before it
	Misplaced  Fault = "misplaced"  // in the file of another chain
	Truncated  Fault = "truncated"  // the chain ends before an anchor
	Replaced   Fault = "replaced"   // the chain has another line where an anchor is
)

// Finding is one fault. Line is 0 for a fault that is not at a line.
type Finding struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Fault Fault  `json:"fault"`
}

func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Fault) }

// Report is what Verify found.
type Report struct {
	Files    int       `json:"files"`
	Lines    int       `json:"lines"`
	Torn     int       `json:"torn"`  // unfinished last lines, as a crash leaves them; never acknowledged
	Heads    []Head    `json:"heads"` // of every chain, to anchor next
	Findings []Finding `json:"findings"`
}

// Intact reports whether nothing was found.
func (r Report) Intact() bool { return len(r.Findings) == 0 }

// Verify reads every chain in a directory and compares it with its HMACs, and
// with the anchors that were kept outside. The error is about reading; what is
// wrong with the log is in the report. A log that is being written may be
// verified; take the anchors first.
func Verify(dir string, key []byte, anchors []Head) (Report, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+fileSuffix)) // sorted: by day
	if err != nil {
		return Report{}, err
	}
	v := verification{key: key, chains: map[string]*progress{}, anchors: map[string]map[uint64]string{}}
	for _, a := range anchors {
		if v.anchors[a.Chain] == nil {
			v.anchors[a.Chain] = map[uint64]string{}
		}
		v.anchors[a.Chain][a.Seq] = a.MAC
	}
	for _, name := range names {
		if err := v.file(name); err != nil {
			return v.report, err
		}
	}
	v.ends(anchors)
	return v.report, nil
}

type progress struct {
	Head
	mac []byte
}

type verification struct {
	key     []byte
	chains  map[string]*progress
	order   []string
	anchors map[string]map[uint64]string
	report  Report
}

func (v *verification) file(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	v.report.Files++
	base := filepath.Base(name)
	reader := bufio.NewReaderSize(f, maxLine)
	for n := 1; ; n++ {
		text, err := reader.ReadSlice('\n')
		switch {
		case err == nil:
			v.line(base, n, bytes.TrimSuffix(text, []byte("\n")))
		case errors.Is(err, io.EOF):
			if len(text) > 0 {
				v.report.Torn++
			}
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
			v.found(base, n, Unreadable)
			if err := skipLine(reader); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func skipLine(reader *bufio.Reader) error {
	for {
		switch _, err := reader.ReadSlice('\n'); {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}

func (v *verification) line(file string, n int, text []byte) {
	line, body, mac, err := parse(text)
	if err != nil {
		v.found(file, n, Unreadable)
		return
	}
	v.report.Lines++
	at := v.chain(file)
	if line.Chain != at.Chain {
		v.found(file, n, Misplaced)
	}
	switch fits := hmac.Equal(mac, chain(v.key, at.mac, body)); {
	case line.Seq > at.Seq+1:
		v.found(file, n, Gap)
	case line.Seq != at.Seq+1 || !fits:
		v.found(file, n, Misfit)
	}
	at.Seq, at.mac, at.MAC = line.Seq, mac, hex.EncodeToString(mac)
	if want, anchored := v.anchors[at.Chain][at.Seq]; anchored && want != at.MAC {
		v.found(file, n, Replaced)
	}
}

// chain is how far the chain of a file has come.
func (v *verification) chain(file string) *progress {
	const day = len("2006-01-02-")
	id := strings.TrimSuffix(file[min(day, len(file)):], fileSuffix)
	if v.chains[id] == nil {
		v.chains[id] = &progress{Head: Head{Chain: id}, mac: make([]byte, macSize)}
		v.order = append(v.order, id)
	}
	return v.chains[id]
}

func (v *verification) ends(anchors []Head) {
	for _, id := range v.order {
		v.report.Heads = append(v.report.Heads, v.chains[id].Head)
	}
	for _, a := range anchors {
		if at := v.chains[a.Chain]; at == nil || at.Seq < a.Seq {
			v.found(a.Chain, 0, Truncated)
		}
	}
}

func (v *verification) found(file string, line int, fault Fault) {
	v.report.Findings = append(v.report.Findings, Finding{File: file, Line: line, Fault: fault})
}
