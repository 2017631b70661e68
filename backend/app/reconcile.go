package app

import (
	"context"

	"senddigitally/backend/recovering"
)

// reconcile replays the vault into the ledger after Redis was restarted or
// another server took its place: what it had acknowledged last may be gone, and
// only manifests and journals know. It can be interrupted, and begins anew then.
func (s *System) reconcile(ctx context.Context) {
	run, err := s.ledger.Unseen(ctx)
	if err == nil && run != "" {
		err = s.ledger.Ready(ctx) // a ledger that was lost whole is the rebuild's
	}
	if err != nil || run == "" {
		return // the sweep, or readiness, says why
	}
	report, err := s.Recovering.Rebuild(ctx, true, func(recovering.Report) {})
	if err == nil {
		err = s.ledger.MarkSeen(ctx, run)
	}
	if err != nil {
		s.log.Warn("Redis was restarted, and not everything could be replayed; it will be tried again", "cause", err)
		return
	}
	s.log.Info("Redis was restarted; the vault was replayed", "replayed", report.Restored, "unfinished", report.Unfinished, "failed", report.Failed)
}
