package vault

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"

	"senddigitally/backend/blob"
	"senddigitally/backend/transfer"
)

// An uploaded file of one segment lies in one blob with its record, which makes
// one durable write of two: "SDF", a version byte, the record's length in four
// bytes, big-endian, the record, and the part. The record's name is the blob's;
// the part's id, and so the blob's name, ends with "." and the file's id, by
// which it is listed.
const (
	smallMagic = "SDF\x01"
	smallHead  = len(smallMagic) + 4
	mostRecord = 1 << 20 // bytes of a small file's record; far above any

	usualRecord = 4 << 10 // bytes that hold most of them
)

var smallPool = sync.Pool{New: func() any { return new(make([]byte, 0, usualRecord+fullSealed)) }}

// putSmall stores and records a file whose content is there as a whole.
func (v *Vault) putSmall(ctx context.Context, p place, key transfer.DataKey, meta transfer.File, content []byte) (transfer.File, error) {
	part := transfer.Part{ID: newPartID(v.clock()) + "." + string(meta.ID), Length: int64(len(content))}
	meta.Size, meta.Parts = part.Length, []transfer.Part{part}
	record, err := v.sealRecord(p, key, partPrefix+part.ID, meta)
	if err == nil && len(record) > mostRecord {
		err = transfer.E(transfer.TooLarge, "the description of the file is too large")
	}
	if err != nil {
		return meta, err
	}
	buffer := smallPool.Get().(*[]byte)
	whole := (*buffer)[:0]
	whole = binary.BigEndian.AppendUint32(append(whole, smallMagic...), uint32(len(record)))
	whole = append(append(whole, record...), partMagic...)
	whole = newPartCipher(p, key, meta.ID, part.ID).seal(whole, content, 0)
	n, err := v.blobs.Put(ctx, p.folder()+partPrefix+part.ID, bytes.NewReader(whole))
	if err == nil && n != int64(len(whole)) {
		v.removeParts(ctx, p, meta.Parts)
		err = errShort
	}
	if err != nil {
		return meta, unavailable(err)
	}
	*buffer = whole // a store that failed may still be reading it
	smallPool.Put(buffer)
	return meta, nil
}

// listable reports whether a file's id can stand in the name of its record.
func listable(file transfer.FileID) bool {
	return file != "" && blob.ValidElement(stagedPrefix+string(file)+"."+strings.Repeat("0", partIDDigits))
}

// getSmallRecord opens the record of a small file; fs.ErrNotExist when absent.
func (v *Vault) getSmallRecord(ctx context.Context, p place, key transfer.DataKey, name string, f *transfer.File) error {
	stream, err := v.blobs.ReadRange(ctx, p.folder()+name, 0, -1)
	if err != nil {
		return unavailable(err)
	}
	defer stream.Close()
	plaintext, err := smallRecord(p, key, name, bufio.NewReaderSize(stream, usualRecord))
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return integrity("a stored file was cut short", err)
	}
	if err != nil {
		return unavailable(err)
	}
	return understood(plaintext, f)
}

// smallRecord reads and opens the record that a small file begins with.
func smallRecord(p place, key transfer.DataKey, name string, r io.Reader) ([]byte, error) {
	var head [smallHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(head[len(smallMagic):])
	if string(head[:len(smallMagic)]) != smallMagic || length > mostRecord {
		return nil, integrity("a stored file is damaged or of an unknown format", nil)
	}
	record := make([]byte, length)
	if _, err := io.ReadFull(r, record); err != nil {
		return nil, err
	}
	return openRecord(p, key, name, record)
}
