package keys

import (
	"context"

	"senddigitally/backend/transfer"
)

// Copy puts the record under another hold as well, durably; the first stays. It
// can be repeated after a crash. NotFound when it lies under neither.
func (c *Container) Copy(ctx context.Context, tenant transfer.TenantID, id transfer.ID, from, to transfer.Hold) error {
	record, err := c.record(ctx, tenant, id, from)
	if transfer.CodeOf(err) == transfer.NotFound || from == to {
		_, err = c.record(ctx, tenant, id, to)
		return err
	}
	if err != nil {
		return err
	}
	return c.copy(ctx, tenant, id, record, to)
}
