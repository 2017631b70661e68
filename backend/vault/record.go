package vault

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"time"

	"senddigitally/backend/transfer"
)

// A record (manifest, journal entry, staged file) is "SDR", a version byte, the
// time of writing in Unix milliseconds, and JSON under AES-256-GCM with a random
// nonce; tenant, transfer, the record's own name and its head are authenticated.
const (
	recordMagic = "SDR\x01"
	headSize    = len(recordMagic) + 8
	maxRecord   = 64 << 20 // bytes; far above any manifest
)

func head(magic string, now time.Time) []byte {
	return binary.BigEndian.AppendUint64([]byte(magic), uint64(now.UnixMilli()))
}

func recordData(p place, name string, head []byte) []byte {
	return prefixed("senddigitally/record", string(p.tenant), string(p.id), name, string(head))
}

// putRecord seals content under a name that is free; fs.ErrExist otherwise.
func (v *Vault) putRecord(ctx context.Context, p place, key transfer.DataKey, name string, content any) error {
	record, err := v.sealRecord(p, key, name, content)
	if err != nil {
		return err
	}
	_, err = v.blobs.Put(ctx, p.folder()+name, bytes.NewReader(record))
	return unavailable(err)
}

func (v *Vault) sealRecord(p place, key transfer.DataKey, name string, content any) ([]byte, error) {
	plaintext, err := json.Marshal(content)
	if err != nil {
		return nil, transfer.Wrap(transfer.Internal, "a record cannot be written", err)
	}
	record := head(recordMagic, v.clock())
	data := recordData(p, name, record)
	record = newAEAD(key.Derive("record")).Seal(record, nil, plaintext, data)
	if len(record) > maxRecord {
		return nil, transfer.E(transfer.TooLarge, "the description of the message is too large")
	}
	return record, nil
}

// getRecord opens a record into content; fs.ErrNotExist when absent.
func (v *Vault) getRecord(ctx context.Context, p place, key transfer.DataKey, name string, content any) error {
	record, err := v.read(ctx, p.folder()+name, maxRecord)
	if err != nil {
		return err
	}
	plaintext, err := openRecord(p, key, name, record)
	if err != nil {
		return err
	}
	return understood(plaintext, content)
}

func understood(plaintext []byte, content any) error {
	if err := json.Unmarshal(plaintext, content); err != nil {
		return integrity("a stored record cannot be understood", err)
	}
	return nil
}

func openRecord(p place, key transfer.DataKey, name string, record []byte) ([]byte, error) {
	if len(record) < headSize || !bytes.HasPrefix(record, []byte(recordMagic)) {
		return nil, integrity("a stored record is damaged or of an unknown format", nil)
	}
	data := recordData(p, name, record[:headSize])
	plaintext, err := newAEAD(key.Derive("record")).Open(nil, nil, record[headSize:], data)
	if err != nil {
		return nil, integrity("a stored record does not authenticate", err)
	}
	return plaintext, nil
}

// read returns a small blob; what is longer than limit is cut there.
func (v *Vault) read(ctx context.Context, name string, limit int64) ([]byte, error) {
	r, err := v.blobs.ReadRange(ctx, name, 0, limit)
	if err != nil {
		return nil, unavailable(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	return content, unavailable(err)
}
