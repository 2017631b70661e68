package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"senddigitally/backend/ledger"
	"senddigitally/backend/web"
)

func (w *wiring) alive(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// ready answers 503 while the ledger is unreachable, too weak, lost or foreign.
// A routing file that could not be reloaded is named: the rules before it are
// in force, so the system is ready all the same; so it is while nothing can be
// checked for malware, since what is accepted waits.
func (w *wiring) ready(c *gin.Context) {
	if err := w.fit(c); err != nil {
		web.Problem(c, err)
		return
	}
	text := "ready\n"
	for _, t := range w.Tenants {
		if s := t.Routes.State(); s.Failure != nil {
			text += fmt.Sprintf("routing file of %s: not reloaded since %s, the rules of %s are in force\n",
				t.ID, s.FailedAt.Format(time.RFC3339), s.Since.Format(time.RFC3339))
		}
	}
	if w.Scanner != nil {
		ctx, cancel := context.WithTimeout(c, 2*time.Second)
		defer cancel()
		if _, err := w.Scanner.Signatures(ctx); err != nil {
			text += "malware: the scanner does not answer; what is accepted waits until it does\n"
		}
	}
	c.String(http.StatusOK, text)
}

// routingHealth tells Prometheus which routing files are in force.
type routingHealth struct{ tenants []Tenant }

var (
	routingFailed = prometheus.NewDesc("senddigitally_routing_reload_failed",
		"1 while the routing file could not be reloaded and an older one is in force.", []string{"tenant"}, nil)
	routingSince = prometheus.NewDesc("senddigitally_routing_in_force_since_seconds",
		"When the routing rules in force were loaded, as Unix time.", []string{"tenant"}, nil)
)

// Describe implements prometheus.Collector.
func (routingHealth) Describe(to chan<- *prometheus.Desc) { to <- routingFailed; to <- routingSince }

// Collect implements prometheus.Collector.
func (h routingHealth) Collect(to chan<- prometheus.Metric) {
	for _, t := range h.tenants {
		s, failed := t.Routes.State(), 0.0
		if s.Failure != nil {
			failed = 1
		}
		to <- prometheus.MustNewConstMetric(routingFailed, prometheus.GaugeValue, failed, string(t.ID))
		to <- prometheus.MustNewConstMetric(routingSince, prometheus.GaugeValue, float64(s.Since.Unix()), string(t.ID))
	}
}

// ledgerHealth tells Prometheus how the ledger and its jobs stand. Of a ledger
// that does not answer, or was lost, nothing is said about jobs.
type ledgerHealth struct{ ledger *ledger.Ledger }

var (
	ledgerUp = prometheus.NewDesc("senddigitally_ledger_up",
		"1 while the ledger answers and is whole.", nil, nil)
	ledgerLost = prometheus.NewDesc("senddigitally_ledger_lost",
		"1 while the ledger is empty or incomplete and waits to be rebuilt from the vault.", nil, nil)
	jobsDead = prometheus.NewDesc("senddigitally_jobs_dead",
		"Jobs that were given up after their last try and wait for a person.", nil, nil)
	jobsLag = prometheus.NewDesc("senddigitally_jobs_lag_seconds",
		"How long the first job that could be worked on has been waiting.", nil, nil)
)

// Describe implements prometheus.Collector.
func (ledgerHealth) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ledgerUp, ledgerLost, jobsDead, jobsLag} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (h ledgerHealth) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var stats ledger.Stats
	err := h.ledger.Ready(ctx)
	if err == nil {
		stats, err = h.ledger.Stats(ctx)
	}
	gauge := func(d *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	gauge(ledgerUp, map[bool]float64{true: 1}[err == nil])
	gauge(ledgerLost, map[bool]float64{true: 1}[errors.Is(err, ledger.ErrLost)])
	if err == nil {
		gauge(jobsDead, float64(stats.Dead))
		gauge(jobsLag, stats.Lag.Seconds())
	}
}
