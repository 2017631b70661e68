package app

import (
	"errors"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/expiring"
	"senddigitally/backend/transfer"
	"senddigitally/routing"
	"senddigitally/routing/file"
)

// Case 74: a broken routing file leaves the old set in force, and the metrics
// say so until it is mended.
func TestCase74ABrokenRoutingFileIsVisible(t *testing.T) {
	set, _ := file.Load("routing.yaml", file.Sample)
	now := time.Date(2026, 9, 16, 10, 0, 0, 0, time.UTC)
	current := routing.NewCurrent(set, now)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(routingHealth{[]Tenant{{ID: "municipality", Routes: current}}})
	for _, c := range []struct {
		err  error
		want float64
	}{{nil, 0}, {errors.New("broken"), 1}, {nil, 0}} {
		_ = current.Reload(now.Add(time.Hour), func() (*routing.Set, error) { return set, c.err })
		if got := gauge(t, registry, "reload_failed"); got != c.want {
			t.Errorf("after %v the metric is %v", c.err, got)
		}
		if current.State().Set != set {
			t.Error("the old set is no longer in force")
		}
	}
}

// What was given up, what waits, a sweep that cannot run and a ledger that was
// lost are seen from outside.
func TestTheJobsAndTheLedgerAreVisible(t *testing.T) {
	r := archivetest.New(t)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(ledgerHealth{r.Ledger}, sweepsFailed, deferred)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(figures map[string]float64) {
		t.Helper()
		for name, value := range figures {
			if got := gauge(t, registry, name); got != value {
				t.Errorf("%s is %v, not %v", name, got, value)
			}
		}
	}
	d := r.Accepted("one")
	queue := countedQueue{r.Ledger}
	claim := func() transfer.Leased {
		claimed, err := queue.Claim(t.Context(), "worker", 1, 20*time.Millisecond)
		must(err)
		return claimed[0]
	}
	want(map[string]float64{"ledger_up": 1, "ledger_lost": 0, "jobs_dead": 0})
	must(queue.Bury(t.Context(), claim(), transfer.Internal))
	must(queue.Defer(t.Context(), claim(), r.Clock(), transfer.StorageFull))
	r.Pass(time.Hour)
	want(map[string]float64{"jobs_dead": 1, "jobs_lag_seconds": 3600, "jobs_deferred_total": 1})

	s := &System{log: slog.New(slog.DiscardHandler), Expiring: &expiring.Expiring{Ledger: r.Ledger, Archive: r.Archive, Vault: r.Vault, Keys: r.Keys,
		Gate: r.Gate, Clock: r.Clock, Log: r.Log, Skew: 100 * 365 * 24 * time.Hour, PerRun: 10}}
	before := gauge(t, registry, "sweeps_failed_total")
	s.sweepOnce(t.Context())
	want(map[string]float64{"sweeps_failed_total": before})
	r.Pass(d.State.ExpiresAt.Sub(r.Clock()) + time.Minute)
	r.Records.Fault = func(string, string) error { return errors.New("the disk is gone") }
	s.sweepOnce(t.Context())
	want(map[string]float64{"sweeps_failed_total": before + 1})

	r.Redis.FlushAll()
	s.sweepOnce(t.Context())
	want(map[string]float64{"sweeps_failed_total": before + 2, "ledger_up": 0, "ledger_lost": 1})
	r.Redis.Close()
	want(map[string]float64{"ledger_up": 0, "ledger_lost": 0})
}

// Every metric that the operator's guide names is exposed.
func TestTheGuideNamesMetricsThatExist(t *testing.T) {
	described := make(chan *prometheus.Desc, 100)
	for _, c := range []prometheus.Collector{routingHealth{}, ledgerHealth{}, decided, delivered, handedBack, checked, scannerUp, sweepsFailed, deferred} {
		c.Describe(described)
	}
	close(described)
	var exposed strings.Builder
	for d := range described {
		exposed.WriteString(d.String())
	}
	named := 0
	for _, page := range []string{"README.md", "backup.md"} {
		text, err := os.ReadFile("../../deploy/" + page)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile("senddigitally_[a-z_]+").FindAllString(string(text), -1) {
			if named++; !strings.Contains(exposed.String(), `"`+name+`"`) {
				t.Errorf("%s names %s, which is not exposed", page, name)
			}
		}
	}
	if named == 0 {
		t.Error("the guide names no metric")
	}
}

func gauge(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if strings.HasSuffix(f.GetName(), name) {
			var m *dto.Metric = f.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric is called %s", name)
	return 0
}
