package ledger

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"senddigitally/backend/transfer"
)

// What is written is read again, and a typical record stays small enough for
// Redis's compact encoding: every field at most 64 bytes.
func TestRecordComesBack(t *testing.T) {
	namer := transfer.NewNamer(make([]byte, 32))
	moments := rapid.Custom(func(t *rapid.T) time.Time {
		ms := rapid.SampledFrom([]int64{0, 1, 1_772_442_000_000, 1_772_442_000_001, 4_102_444_800_000}).Draw(t, "ms")
		return moment(fmt.Sprint(ms))
	})
	rapid.Check(t, func(t *rapid.T) {
		want := transfer.Record{
			Tenant: "town", ID: namer.TransferID("town", "caller", rapid.String().Draw(t, "key")),
			Kind:        rapid.SampledFrom([]transfer.Kind{transfer.KindTransfer, transfer.KindReply, ""}).Draw(t, "kind"),
			Phase:       rapid.SampledFrom([]transfer.Phase{transfer.Receiving, transfer.Live, transfer.Erased}).Draw(t, "phase"),
			RequestHash: rapid.SampledFrom([][]byte{nil, []byte(namer.Hash("r", "x")), []byte("\x01raw\xff"), []byte("ABCD"), []byte("abc")}).Draw(t, "hash"),
			Owner:       rapid.SampledFrom([]string{"", namer.Owner("town", "x"), "plain", "00"}).Draw(t, "owner"),
			Mailbox:     rapid.SampledFrom([]string{"", namer.Owner("town", "y")}).Draw(t, "mailbox"),
			AcceptedAt:  moments.Draw(t, "accepted"), ExpiresAt: moments.Draw(t, "expires"), DueAt: moments.Draw(t, "due"),
			Held: rapid.SampledFrom([]transfer.Hold{"", transfer.HeldOpen, "2026-03-02"}).Draw(t, "held"),
			Seq:  rapid.IntRange(0, 1<<20).Draw(t, "seq"), Size: rapid.Int64Range(0, 1<<40).Draw(t, "size"),
			Progress: rapid.Int64Range(0, 1<<40).Draw(t, "progress"), Reason: rapid.SampledFrom([]transfer.Code{"", transfer.TooLarge}).Draw(t, "reason"),
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "recipients") {
			if want.Recipients == nil {
				want.Recipients = map[transfer.RecipientID]string{}
			}
			want.Recipients[transfer.RecipientID(fmt.Sprint("r", i))] = "waiting"
		}
		stored := map[string]string{}
		f := encode(want)
		for i := 0; i < len(f); i += 2 {
			stored[f[i].(string)] = f[i+1].(string)
			if len(f[i+1].(string)) > 64 {
				t.Fatalf("field %q has %d bytes", f[i], len(f[i+1].(string)))
			}
		}
		if got := decode(want.ID, stored); fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
			t.Fatalf("\n%#v, want\n%#v", got, want)
		}
		if back := unpackMember(want.ID.Shard(), member(want.ID)); back != want.ID {
			t.Fatalf("%s became %s", want.ID, back)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(place{1_772_442_000_000, 63, "member|with|bars"}.cursor())
	f.Add("")
	f.Add("MXwy")
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := parseCursor(cursor)
		if err != nil {
			if transfer.CodeOf(err) != transfer.Invalid {
				t.Fatal(err)
			}
			return
		}
		if again, err := parseCursor(p.cursor()); err != nil || again != p {
			t.Fatal(p, again, err)
		}
	})
}

func FuzzDeadJob(f *testing.F) {
	f.Add(`3|worker.TOKEN|x|mailbox_refused|1|{"v":1,"kind":"notify","tenant":"town","id":"00"}`)
	f.Add("3|a|x|b|1")
	f.Fuzz(func(t *testing.T, state string) { parseDead(state) })
}
