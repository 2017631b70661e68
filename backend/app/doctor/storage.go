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
	x.place(ctx, "storage.keys", s.Keys, ring.Installation())
	x.audit()
}

func (x *examination) place(ctx context.Context, check, address, installation string) {
	ctx, cancel := x.within(ctx)
	defer cancel()
	err := app.Look(ctx, x.config.Storage, address, installation)
	if x.check(check, err, "it is this installation's, or empty, and can be used",
		"make the place and let the service's user write there; one that is another installation's needs its keyring, or another place") {
		if p, _ := config.ParsePlace(address); p.Kind == config.Directory {
			x.room(check+".room", p.Root)
		}
	}
}

func (x *examination) audit() {
	dir := x.config.Audit.Directory
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no directory", dir)
	}
	if x.check("audit.directory", err, "it is there", "make the directory, and let the service's user alone write there") {
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
