package doctor

import (
	"context"
	"fmt"
	"os"

	"senddigitally/backend/app"
	"senddigitally/backend/config"
	"senddigitally/backend/keys"
)

func (x *examination) storage(ctx context.Context) {
	s := x.config.Storage
	ring, err := keys.Load(s.Keyring)
	if !x.check("storage.keyring", err, "it can be read, and by nobody else", "make one with senddigitally keys init, or bring the copy back from the safe") {
		return
	}
	x.place(ctx, "storage.blobs", s.Blobs, ring.Installation())
	if x.place(ctx, "storage.keys", s.Keys, ring.Installation()) {
		x.epochs(ctx, ring)
	}
	x.audit()
}

// epochs unwraps every epoch key, as the start does.
func (x *examination) epochs(ctx context.Context, ring *keys.Ring) {
	ctx, cancel := x.within(ctx)
	defer cancel()
	x.check("storage.keys.epochs", app.VerifyKeys(ctx, x.config, ring), "the keys that wrap them are there",
		"bring back the newest copy of the keyring: one from before a rotation lacks the newest key; with Key Vault, let the machine's identity unwrap with every version in use")
}

func (x *examination) place(ctx context.Context, check, address, installation string) bool {
	ctx, cancel := x.within(ctx)
	defer cancel()
	err := app.Look(ctx, x.config.Storage, address, installation)
	fit := x.check(check, err, "it is this installation's, or empty, and can be used",
		"make the place and let the service's user write there; one that is another installation's needs its keyring, or another place")
	if fit {
		if p, _ := config.ParsePlace(address); p.Kind == config.Directory {
			x.room(check+".room", p.Root)
		}
	}
	return fit
}

func (x *examination) audit() {
	dir := x.config.Audit.Directory
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no directory", dir)
	}
	if err == nil && !writable(dir) {
		err = fmt.Errorf("%s cannot be written", dir)
	}
	if x.check("audit.directory", err, "it is there, and can be written", "make the directory, and let the service's user alone write there") {
		x.room("audit.directory.room", dir)
	}
}

// room warns while sending still works.
func (x *examination) room(check, dir string) {
	free, share, known := space(dir)
	switch says := fmt.Sprintf("%.1f GB are free, %.0f %%", float64(free)/1e9, share*100); {
	case !known:
	case free < 256<<20:
		x.note(check, Broken, says, "free some: below this, sends are refused")
	case share < 0.1 && free < 50e9:
		x.note(check, Warning, says, "plan for more: a full disk refuses sends")
	default:
		x.note(check, Fit, says, "")
	}
}
