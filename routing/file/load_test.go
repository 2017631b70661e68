package file

import "testing"

func TestSampleLoads(t *testing.T) {
	set, problems := Load("sample.yaml", Sample)
	if set == nil || len(problems) > 0 {
		t.Fatalf("the sample has problems:\n%v", problems.Error())
	}
	if set.Tenant() != "municipality" {
		t.Errorf("tenant %q", set.Tenant())
	}
}
