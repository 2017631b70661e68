package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

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

func gauge(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if strings.HasSuffix(f.GetName(), name) {
			var m *dto.Metric = f.GetMetric()[0]
			return m.GetGauge().GetValue()
		}
	}
	t.Fatal("no such metric")
	return 0
}
