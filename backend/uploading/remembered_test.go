package uploading_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/transfer"
	"senddigitally/backend/uploading"
)

// opened counts the records that are opened.
type opened struct {
	uploading.Vault
	records int
}

func (o *opened) StagedFile(ctx context.Context, tenant transfer.TenantID, id transfer.ID, key transfer.DataKey, record string) (transfer.File, error) {
	o.records++
	return o.Vault.StagedFile(ctx, tenant, id, key, record)
}

func TestManyUploadsOpenEachRecordOnce(t *testing.T) {
	r := newRig(t)
	counted := &opened{Vault: r.up.Vault}
	r.up.Vault = counted
	const files = 20
	put := func(n int, content string) error {
		_, err := r.up.Put(t.Context(), archivetest.Tenant, r.id, transfer.File{ID: transfer.FileID(fmt.Sprint("u", n)), Name: "a", Size: int64(len(content))},
			strings.NewReader(content), uploading.Limits{Bytes: 2 * files, FileBytes: files, Files: files})
		return err
	}
	for n := range files / 2 {
		r.Code(put(n+1, "x"), "")
	}
	r.up = &uploading.Uploading{Vault: counted, Ledger: r.Ledger, Holds: r.Ledger, Clock: r.Clock} // another replica
	for n := files / 2; n < files; n++ {
		r.Code(put(n+1, "x"), "")
	}
	if counted.records != files/2 {
		t.Errorf("%d records were opened for %d uploads, half of them here", counted.records, files)
	}
	r.Code(put(1, strings.Repeat("x", files)), "")            // instead of one byte
	r.Code(put(2, strings.Repeat("x", 4)), transfer.TooLarge) // the exchanged file counts as it is now
	r.Code(put(2, "xx"), "")
}
