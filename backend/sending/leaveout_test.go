package sending_test

import (
	"slices"
	"testing"

	"senddigitally/backend/archive/archivetest"
	"senddigitally/backend/sending"
	"senddigitally/backend/transfer"
)

func TestWhatIsCrossedOutIsNeverSent(t *testing.T) {
	attached := []transfer.Attachment{
		{ID: "a", Kind: transfer.FileAttachment, Name: "plan.pdf", Size: 900},
		{ID: "b", Kind: transfer.FileAttachment, Name: "note.txt", Size: 20},
		{ID: "c", Kind: transfer.FileAttachment, Name: "plan.pdf", Size: 500},
		{ID: "d", Kind: transfer.FileAttachment, Name: "plan.pdf", Size: 900},
	}
	plan := func(nth, of int) sending.LeftOut {
		return sending.LeftOut{ID: "AAMk", Name: "plan.pdf", Nth: nth, Of: of}
	}
	for name, tc := range map[string]struct {
		leftOut []sending.LeftOut
		sent    []int64 // sizes; none: refused
	}{
		"by Graph's own id":               {[]sending.LeftOut{{ID: "b"}}, []int64{900, 500, 900}},
		"twice the same":                  {[]sending.LeftOut{{ID: "b"}, {ID: "b"}}, []int64{900, 500, 900}},
		"by its name":                     {[]sending.LeftOut{{ID: "AAMk", Name: "note.txt", Nth: 1, Of: 1}}, []int64{900, 500, 900}},
		"the smallest of its name":        {[]sending.LeftOut{plan(1, 3)}, []int64{900, 20, 900}},
		"one of two equals":               {[]sending.LeftOut{plan(2, 3)}, []int64{20, 500, 900}},
		"both equals":                     {[]sending.LeftOut{plan(3, 3), plan(2, 3)}, []int64{20, 500}},
		"an id of another form alone":     {[]sending.LeftOut{{ID: "AAMk"}}, nil},
		"a name that is not there":        {[]sending.LeftOut{{ID: "AAMk", Name: "secret.txt", Nth: 1, Of: 1}}, nil},
		"one of fewer than there are":     {[]sending.LeftOut{plan(1, 2)}, nil},
		"one beyond what there is":        {[]sending.LeftOut{plan(4, 3)}, nil},
		"two that come out as one":        {[]sending.LeftOut{{ID: "b"}, {ID: "AAMk", Name: "note.txt", Nth: 1, Of: 1}}, nil},
		"one that is there, one that not": {[]sending.LeftOut{{ID: "b"}, {ID: "x"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.outlook.attached = attached
			asked := request()
			asked.LeaveOut = tc.leftOut
			record, err := r.sent(asked)
			r.Code(err, "")
			if tc.sent == nil {
				if record.Phase != transfer.Failing || record.Reason != transfer.DraftChanged {
					t.Errorf("the transfer is %q, %q", record.Phase, record.Reason)
				}
				return
			}
			d, err := r.Archive.Open(t.Context(), archivetest.Tenant, record.ID)
			r.Code(err, "")
			if got := r.outlook.opened; !slices.Equal(got, tc.sent) || len(d.Manifest.Files) != len(tc.sent) {
				t.Errorf("sent were those of %d bytes", got)
			}
		})
	}
}
