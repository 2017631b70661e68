package distributing

import (
	"context"
	"encoding/json"
	"iter"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// Recording writes down what past decisions were made from, to try other rules
// on. Nothing is recorded unless an operator asks.
type Recording struct {
	Keys interface {
		All(ctx context.Context, tenant transfer.TenantID) iter.Seq2[transfer.KeyRef, error]
	}
	Vault interface {
		Open(ctx context.Context, tenant transfer.TenantID, id transfer.ID, held transfer.Hold) (*transfer.Dossier, error)
	}
	Gate Gate
}

// Recorded counts what a recording found.
type Recorded struct{ Recorded, Failed int }

// Record calls each for every reply of a tenant that is still readable and was
// decided. What cannot be read is counted; an error of each ends it.
func (x *Recording) Record(ctx context.Context, tenant transfer.TenantID, each func(routing.Input) error) (Recorded, error) {
	var report Recorded
	for ref, err := range x.Keys.All(ctx, tenant) {
		if err != nil {
			return report, err
		}
		d, err := x.Vault.Open(ctx, tenant, ref.ID, ref.Hold)
		if transfer.UnlessGone(err) != nil {
			report.Failed++
		}
		if err != nil || d.Manifest.Kind != transfer.KindReply || d.State.Input == nil {
			continue
		}
		if err := x.record(ctx, d, each); err != nil {
			return report, err
		}
		report.Recorded++
	}
	return report, nil
}

// each calls do for every decided reply that can be read.
func (x *Recording) each(ctx context.Context, tenant transfer.TenantID, do func(*transfer.Dossier) error) error {
	if err := x.Gate.Check(ctx, access.System("figures"), access.Record, access.Resource{Tenant: tenant}); err != nil {
		return err
	}
	for ref, err := range x.Keys.All(ctx, tenant) {
		if err != nil {
			return err
		}
		d, err := x.Vault.Open(ctx, tenant, ref.ID, ref.Hold)
		if err != nil || d.Manifest.Kind != transfer.KindReply || d.State.Decision == nil {
			continue
		}
		if err := do(d); err != nil {
			return err
		}
	}
	return nil
}

func (x *Recording) record(ctx context.Context, d *transfer.Dossier, each func(routing.Input) error) error {
	on := access.Resource{Tenant: d.Manifest.Tenant, ID: d.Manifest.ID, Owner: d.Manifest.Owner}
	if err := x.Gate.Check(ctx, access.System("record"), access.Record, on); err != nil {
		return err
	}
	var in routing.Input
	if err := json.Unmarshal(d.State.Input, &in); err != nil {
		return transfer.Wrap(transfer.Integrity, "what was decided from cannot be read", err)
	}
	return each(in)
}
