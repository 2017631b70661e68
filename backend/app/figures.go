package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"senddigitally/backend/distributing"
	"senddigitally/backend/ledger"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// What distributing counts; all labels are ids of the routing file. A rate of
// decided by "(hand)" over all but "(manual)", which come again when they are placed, is
// the manual share, handed back over delivered the misrouted one.
var (
	decided = promauto.NewCounterVec(prometheus.CounterOpts{Name: "senddigitally_replies_decided_total",
		Help: "Decisions about replies, by mailbox, topic and what decided."}, []string{"tenant", "mailbox", "topic", "by"})
	delivered = promauto.NewHistogramVec(prometheus.HistogramOpts{Name: "senddigitally_reply_delivery_seconds",
		Help:    "Time from a reply's acceptance to its confirmed delivery, by mailbox, topic and what decided.",
		Buckets: []float64{1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400}}, []string{"tenant", "mailbox", "topic", "by"})
	handedBack = promauto.NewCounterVec(prometheus.CounterOpts{Name: "senddigitally_replies_handed_back_total",
		Help: "Replies that a mailbox handed back, by mailbox, topic and what had sent them there."}, []string{"tenant", "mailbox", "topic", "by"})
)

// What checking for malware counts.
var (
	checked = promauto.NewCounterVec(prometheus.CounterOpts{Name: "senddigitally_files_checked_total",
		Help: "Files checked for malware, by result: clean, infected, too_large or integrity."}, []string{"tenant", "result"})
	scannerUp = promauto.NewGauge(prometheus.GaugeOpts{Name: "senddigitally_malware_scanner_up",
		Help: "1 while the malware scanner answers; 0 while it does not, or none is configured."})
)

// What background work counts.
var (
	sweepsFailed = promauto.NewCounter(prometheus.CounterOpts{Name: "senddigitally_sweeps_failed_total",
		Help: "Sweeps that could not run, or could not finish something that was due."})
	deferred = promauto.NewCounterVec(prometheus.CounterOpts{Name: "senddigitally_jobs_deferred_total",
		Help: "Times that a job could not be tried, by its kind and the reason; unavailable and storage_full are faults of this installation."}, []string{"job", "reason"})
)

// countedQueue counts what cannot be tried.
type countedQueue struct{ *ledger.Ledger }

// Defer implements jobs.Queue.
func (q countedQueue) Defer(ctx context.Context, l transfer.Leased, at time.Time, reason transfer.Code) error {
	deferred.WithLabelValues(string(l.Job.Kind), string(reason)).Inc()
	return q.Ledger.Defer(ctx, l, at, reason)
}

// figures gives distributing's counts to Prometheus, and to the ledger for the page of
// figures. A count that the ledger does not take is missing there and nowhere else.
type figures struct {
	ledger *ledger.Ledger
	log    *slog.Logger
}

// Decided counts a decision.
func (f figures) Decided(t transfer.TenantID, d routing.Decision) {
	decided.WithLabelValues(string(t), d.Mailbox, d.Topic, distributing.By(d)).Inc()
	f.count(t, distributing.CountDecided(d))
}

// Delivered notes a confirmed delivery.
func (f figures) Delivered(t transfer.TenantID, d routing.Decision, after time.Duration) {
	delivered.WithLabelValues(string(t), d.Mailbox, d.Topic, distributing.By(d)).Observe(after.Seconds())
	f.count(t, distributing.CountDelivered(d, after))
}

// Checked counts a file that was checked for malware.
func (figures) Checked(t transfer.TenantID, result string) {
	checked.WithLabelValues(string(t), result).Inc()
}

// Scanner notes whether the malware scanner answers.
func (figures) Scanner(up bool) {
	scannerUp.Set(map[bool]float64{true: 1}[up])
}

// HandedBack counts a reply that was not its mailbox's business.
func (f figures) HandedBack(t transfer.TenantID, d routing.Decision) {
	handedBack.WithLabelValues(string(t), d.Mailbox, d.Topic, distributing.By(d)).Inc()
	f.count(t, distributing.CountHandedBack(d))
}

func (f figures) count(t transfer.TenantID, name string) {
	if err := f.ledger.Count(context.Background(), t, name); err != nil {
		f.log.Warn("a figure was not counted", "tenant", t, "cause", err)
	}
}
