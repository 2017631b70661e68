package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"senddigitally/backend/distributing"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
)

// What distributing counts; all labels are ids of the routing file. A rate of
// decided by "(manual)" or "(hand)" over all is the manual share, handed back
// over delivered the misrouted one.
var (
	decided = promauto.NewCounterVec(prometheus.CounterOpts{Name: "senddigitally_replies_decided_total",
		Help: "Decisions about replies, by mailbox, topic and what decided."}, []string{"tenant", "mailbox", "topic", "by"})
	delivered = promauto.NewHistogramVec(prometheus.HistogramOpts{Name: "senddigitally_reply_delivery_seconds",
		Help:    "Time from a reply's acceptance to its confirmed delivery, by mailbox.",
		Buckets: []float64{1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400}}, []string{"tenant", "mailbox"})
	handedBack = promauto.NewCounterVec(prometheus.CounterOpts{Name: "senddigitally_replies_handed_back_total",
		Help: "Replies that a mailbox handed back, by mailbox and what had sent them there."}, []string{"tenant", "mailbox", "by"})
)

// figures gives distributing's counts to Prometheus.
type figures struct{}

// Decided counts a decision.
func (figures) Decided(t transfer.TenantID, d routing.Decision) {
	decided.WithLabelValues(string(t), d.Mailbox, d.Topic, distributing.By(d)).Inc()
}

// Delivered notes a confirmed delivery.
func (figures) Delivered(t transfer.TenantID, d routing.Decision, after time.Duration) {
	delivered.WithLabelValues(string(t), d.Mailbox).Observe(after.Seconds())
}

// HandedBack counts a reply that was not its mailbox's business.
func (figures) HandedBack(t transfer.TenantID, mailbox, by string) {
	handedBack.WithLabelValues(string(t), mailbox, by).Inc()
}
