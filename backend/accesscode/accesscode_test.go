package accesscode

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"senddigitally/backend/transfer"
)

const (
	anID    = transfer.ID("0a0123456789abcdefghijklmnopqrstuv")
	otherID = transfer.ID("0b0123456789abcdefghijklmnopqrstuv")
)

func fixedKey(t testing.TB, fill byte) transfer.DataKey {
	key, err := transfer.DataKeyFrom([]byte(strings.Repeat(string(fill), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A change of this value would show another code than the one passed on.
func TestGeneratedCodesAreForEver(t *testing.T) {
	if got, want := Generate(fixedKey(t, 'k'), anID, 0), "XX2X-4JH9-Y8FR"; got != want {
		t.Errorf("Generate = %q, want %q", got, want)
	}
}

func TestGenerateDependsOnEverything(t *testing.T) {
	key := fixedKey(t, 'k')
	codes := map[string]bool{}
	for _, code := range []string{
		Generate(key, anID, 0), Generate(key, anID, 1), Generate(fixedKey(t, 'l'), anID, 0), Generate(key, otherID, 0),
	} {
		codes[code] = true
	}
	if len(codes) != 4 {
		t.Errorf("codes collide: %v", codes)
	}
}

func TestNormaliseForgivesWhatPeopleType(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := Generate(transfer.NewDataKey(), anID, rapid.IntRange(0, 9).Draw(t, "generation"))
		canon := strings.ReplaceAll(code, "-", "")
		if Normalise(code) != canon {
			t.Fatalf("Normalise(%q) = %q", code, Normalise(code))
		}
		sloppy := strings.NewReplacer("-", rapid.SampledFrom([]string{" ", "", "--", "–", "\u00a0"}).Draw(t, "separator"),
			"8", "b", "5", "S", "2", "z", "v", "u", "d", "0", "7", "1", "6", "g").Replace(strings.ToLower(code))
		if Normalise(sloppy) != canon {
			t.Fatalf("Normalise(%q) = %q, want %q", sloppy, Normalise(sloppy), canon)
		}
	})
}

func TestVerifyAcceptsTheSecretOnly(t *testing.T) {
	key := fixedKey(t, 'k')
	generated := Generate(key, anID, 3)
	for _, tc := range []struct {
		name, secret, typed string
		kind                transfer.CodeKind
		want                bool
	}{
		{"as shown", generated, generated, transfer.CodeGenerated, true},
		{"without dashes, small", generated, strings.ToLower(strings.ReplaceAll(generated, "-", "")), transfer.CodeGenerated, true},
		{"older generation", generated, Generate(key, anID, 2), transfer.CodeGenerated, false},
		{"nothing", generated, "", transfer.CodeGenerated, false},
		{"password", "Grøn bænk 47", "Grøn bænk 47", transfer.CodePassword, true},
		{"decomposed letters", "Grøn bänk 47", "Grøn ba\u0308nk 47", transfer.CodePassword, true},
		{"pasted with a line end", "Grøn bænk 47", " Grøn bænk 47\r\n", transfer.CodePassword, true},
		{"other case", "Grøn bænk 47", "grøn bænk 47", transfer.CodePassword, false},
		{"empty", "Grøn bænk 47", "", transfer.CodePassword, false},
		{"no code", "", "anything", transfer.CodeNone, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, err := New(tc.kind, tc.secret, key, anID)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Verify(t.Context(), code, tc.typed, key, anID)
			if err != nil || got != tc.want {
				t.Errorf("Verify = %v, %v; want %v", got, err, tc.want)
			}
		})
	}
}

func TestVerifierIsBoundToKeyAndTransfer(t *testing.T) {
	for _, kind := range []transfer.CodeKind{transfer.CodeGenerated, transfer.CodePassword} {
		code, _ := New(kind, "TK47-3XVP-9RMC", fixedKey(t, 'k'), anID)
		if ok, _ := Verify(t.Context(), code, "TK47-3XVP-9RMC", fixedKey(t, 'l'), anID); ok {
			t.Errorf("%s: verified under another data key", kind)
		}
		if ok, _ := Verify(t.Context(), code, "TK47-3XVP-9RMC", fixedKey(t, 'k'), otherID); ok {
			t.Errorf("%s: verified for another transfer", kind)
		}
		other := transfer.AccessCode{Kind: transfer.CodePassword, Verifier: code.Verifier}
		if kind == transfer.CodeGenerated {
			if ok, _ := Verify(t.Context(), other, "TK473XVP9RMC", fixedKey(t, 'k'), anID); ok {
				t.Error("a verifier serves two kinds")
			}
		}
	}
}

func TestRecallFindsTheGeneration(t *testing.T) {
	key := fixedKey(t, 'k')
	code, _ := New(transfer.CodeGenerated, Generate(key, anID, 7), key, anID)
	if shown, ok := Recall(code, key, anID); !ok || shown != Generate(key, anID, 7) {
		t.Errorf("Recall = %q, %v", shown, ok)
	}
	password, _ := New(transfer.CodePassword, "Grøn bænk 47", key, anID)
	if _, ok := Recall(password, key, anID); ok {
		t.Error("a password was recalled")
	}
}

func TestKindsThatAreNotMadeHere(t *testing.T) {
	key := fixedKey(t, 'k')
	for _, kind := range []transfer.CodeKind{transfer.CodeSMS, transfer.CodeMail} {
		if code, err := New(kind, "", key, anID); err != nil || code.Verifier != nil {
			t.Errorf("New(%s) = %v, %v", kind, code, err)
		}
	}
	if _, err := New("later", "", key, anID); transfer.CodeOf(err) != transfer.Invalid {
		t.Errorf("New(later) = %v", err)
	}
	if _, err := New(transfer.CodePassword, " \t", key, anID); transfer.CodeOf(err) != transfer.Invalid {
		t.Errorf("New(blank) = %v", err)
	}
	for _, kind := range []transfer.CodeKind{transfer.CodeSMS, "", "later"} {
		if ok, err := Verify(t.Context(), transfer.AccessCode{Kind: kind}, "", key, anID); ok || transfer.CodeOf(err) != transfer.UnsupportedVersion {
			t.Errorf("Verify(%q) = %v, %v", kind, ok, err)
		}
	}
}

func TestDamagedVerifiersOpenNothing(t *testing.T) {
	key := fixedKey(t, 'k')
	v := verifier{scheme: schemeArgon2id}.withCost() // whatever New prefers here
	v.hash = v.compute(secretOf(transfer.CodePassword, "Grøn bænk 47", key, anID))
	good := transfer.AccessCode{Kind: transfer.CodePassword, Verifier: v.encode()}
	for name, b := range map[string]string{
		"empty":       "",
		"truncated":   string(good.Verifier[:len(good.Verifier)-1]),
		"huge memory": strings.Replace(string(good.Verifier), "m=19456", "m=4194304", 1),
		"no passes":   strings.Replace(string(good.Verifier), "t=2", "t=0", 1),
		"other":       strings.Replace(string(good.Verifier), "argon2id", "argon2i", 1),
		"reordered":   strings.Replace(string(good.Verifier), "m=19456,t=2", "t=2,m=19456", 1),
		"longer":      string(good.Verifier) + "$",
	} {
		code := transfer.AccessCode{Kind: transfer.CodePassword, Verifier: []byte(b)}
		if ok, err := Verify(t.Context(), code, "Grøn bænk 47", key, anID); ok || transfer.CodeOf(err) != transfer.Integrity {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

func TestSlowHashesWaitTheirTurn(t *testing.T) {
	key := fixedKey(t, 'k')
	code, _ := New(transfer.CodePassword, "Grøn bænk 47", key, anID)
	for range cap(slots) {
		slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Verify(ctx, code, "Grøn bænk 47", key, anID)
	if transfer.CodeOf(err) != transfer.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("Verify = %v", err)
	}
	for range cap(slots) {
		<-slots
	}
	if ok, err := Verify(t.Context(), code, "Grøn bænk 47", key, anID); !ok || err != nil {
		t.Errorf("afterwards: %v, %v", ok, err)
	}
}

func TestPBKDF2ServesWhereArgonMayNot(t *testing.T) {
	v := verifier{scheme: schemePBKDF2}.withCost()
	v.rounds = 1000
	v.hash = v.compute(secretOf(transfer.CodePassword, "Grøn bænk 47", fixedKey(t, 'k'), anID))
	code := transfer.AccessCode{Kind: transfer.CodePassword, Verifier: v.encode()}
	for typed, want := range map[string]bool{"Grøn bænk 47": true, "Grøn bænk 48": false} {
		if ok, err := Verify(t.Context(), code, typed, fixedKey(t, 'k'), anID); ok != want || err != nil {
			t.Errorf("%q: %v, %v", typed, ok, err)
		}
	}
}

func TestSecretsStayOutOfErrors(t *testing.T) {
	err := Acceptable("Sommer2026", 8)
	if err == nil || strings.Contains(err.Error(), "Sommer") {
		t.Errorf("error = %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	key := fixedKey(f, 'k')
	for _, kind := range []transfer.CodeKind{transfer.CodeGenerated, transfer.CodePassword} {
		code, _ := New(kind, "TK47-3XVP-9RMC", key, anID)
		f.Add(code.Verifier)
	}
	f.Add([]byte("$pbkdf2-sha256$i=600000$AAAAAAAAAAAAAAAAAAAAAA$AAAA"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := decode(b)
		if err != nil {
			if transfer.CodeOf(err) != transfer.Integrity {
				t.Errorf("error %v", err)
			}
			return
		}
		if string(v.encode()) != string(b) || len(v.hash) != hashSize || v.kib > maxKiB || v.rounds > maxIterations {
			t.Errorf("accepted %q as %+v", b, v)
		}
	})
}
