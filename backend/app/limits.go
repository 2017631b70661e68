package app

import (
	"context"
	"time"

	"senddigitally/backend/ledger"
)

// limits gives the ledger's rate the form that the pages ask for.
type limits struct{ ledger *ledger.Ledger }

// Allow counts one event against a key's rate.
func (l limits) Allow(ctx context.Context, key string, limit int, per time.Duration) (bool, time.Duration, error) {
	return l.ledger.Allow(ctx, key, ledger.Rate{Limit: limit, Per: per})
}
