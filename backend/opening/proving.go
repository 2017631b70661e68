package opening

import (
	"context"
	"strings"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/transfer"
)

// Prover lets a recipient prove at the moment of opening who she is, where no
// secret was agreed on before: by a code that is brought to her, or by signing
// in elsewhere. browser is the secret of the browser that asks; what began in
// one is worth nothing in another.
type Prover interface {
	// Begin answers what she does next. It changes nothing about the link.
	Begin(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser string) (Step, error)
	// Begun is the step that this browser is at; the zero Step before Begin.
	Begun(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser string) (Step, error)
	// Proven says whether the answer is right. It takes the same time whatever it is.
	Proven(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser, answer string) (bool, error)
}

// Step is what a recipient does to prove who she is: she types a code that she
// gets, or signs in.
type Step struct {
	Until time.Time // the code is valid
	Again time.Time // before then no other is sent to this browser
	// Elsewhere is where the browser goes to sign in; "" to type a code.
	Elsewhere string
}

// Begun reports whether there is something to type or to do.
func (s Step) Begun() bool { return s != Step{} }

// SendCode has a one-time code brought to the recipient of a link. A link that
// is locked sends none.
func (o *Opening) SendCode(ctx context.Context, token transfer.LinkToken, browser, visitor string) (Step, error) {
	d, r, err := o.follow(ctx, token, visitor, access.SendCode)
	if err != nil {
		return Step{}, err
	}
	prover, known := o.Provers[d.State.Code.Kind]
	if !known {
		return Step{}, transfer.E(transfer.Invalid, "this link is not opened with a one-time code")
	}
	locked, err := o.Attempts.LockedUntil(ctx, d.Manifest.Tenant, d.Manifest.ID, r)
	if err != nil {
		return Step{}, err
	}
	if o.Clock().Before(locked) {
		return Step{}, lockedOut(locked)
	}
	return prover.Begin(ctx, d, r, browser)
}

// right judges what was typed: by the prover of the link's kind, or against the
// verifier in the manifest.
func (o *Opening) right(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser, typed string) (bool, error) {
	if prover, known := o.Provers[d.State.Code.Kind]; known {
		return prover.Proven(ctx, d, r, browser, typed)
	}
	return o.Verify(ctx, d.State.Code, typed, d.Key, d.Manifest.ID)
}

// ready refuses to count a try where there is nothing to try: the field is
// empty, since a scanner sends forms as they stand, or this browser has not
// asked for a code.
func (o *Opening) ready(ctx context.Context, d *transfer.Dossier, r transfer.RecipientID, browser, typed string) error {
	if strings.Trim(typed, "- \t\r\n") == "" {
		return transfer.E(transfer.CodeRequired, "enter the code first")
	}
	prover, known := o.Provers[d.State.Code.Kind]
	if !known {
		return nil
	}
	step, err := prover.Begun(ctx, d, r, browser)
	if err == nil && !step.Begun() {
		err = transfer.E(transfer.CodeStale, "the code is no longer valid in this browser; have another one sent")
	}
	return err
}
