package app

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/routing"
)

// What is exposed is read back with Prometheus' own parser: of a mailbox, topic and rule,
// the decisions, the times to delivery and what was handed back.
func TestFiguresAreExposedAsPrometheusReadsThem(t *testing.T) {
	ledger := archivetest.New(t).Ledger
	f := figures{ledger, slog.New(slog.DiscardHandler)}
	d := routing.Decision{Mailbox: "technical", Topic: "roads", Rule: "holes"}
	for range 4 {
		f.Decided("exposed", d)
	}
	f.Delivered("exposed", d, 3*time.Second)
	f.Delivered("exposed", d, time.Hour)
	f.HandedBack("exposed", d)

	answer := httptest.NewRecorder()
	promhttp.HandlerFor(prometheus.DefaultGatherer, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"senddigitally_replies_decided_total": 4, "senddigitally_reply_delivery_seconds": 2, "senddigitally_replies_handed_back_total": 1} {
		family := families[name]
		if family == nil || family.GetHelp() == "" {
			t.Fatalf("%s is not exposed or not explained", name)
		}
		found := false
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["tenant"] != "exposed" {
				continue
			}
			found = true
			got := m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			if got != want || labels["mailbox"] != "technical" || labels["topic"] != "roads" || labels["by"] != "holes" {
				t.Errorf("%s is %v %v", name, got, labels)
			}
			if h := m.GetHistogram(); h != nil && (h.GetSampleSum() != 3603 || len(h.GetBucket()) < 10) {
				t.Errorf("times %v", h)
			}
		}
		if !found {
			t.Errorf("%s is not counted for the tenant", name)
		}
	}
	counts, err := ledger.Counted(t.Context(), "exposed", 1)
	if err != nil || counts["technical|roads|holes|decided"] != 4 || counts["technical|roads|holes|back"] != 1 {
		t.Errorf("the ledger counted %v, %v", counts, err)
	}
}
