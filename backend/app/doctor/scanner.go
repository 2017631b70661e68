package doctor

import (
	"context"

	"senddigitally/backend/config"
	"senddigitally/backend/scanning"
)

// scanner asks clamd for its signatures.
func (x *examination) scanner(ctx context.Context) {
	const check = "scanning.clamd"
	address := x.config.Scanning.Clamd
	if address == "" {
		state := Warning
		if x.config.Mode == config.Trial {
			state = Fit
		}
		x.note(check, state, "files are not checked for malware", "")
		return
	}
	ctx, cancel := x.within(ctx)
	defer cancel()
	clamd := scanning.New(address)
	clamd.Patience = x.Patience
	signatures, err := clamd.Signatures(ctx)
	if x.check(check, err, "it answers as "+signatures, "start clamav-daemon, and let the service's user reach its socket; until then what is accepted waits") && !clamd.Dated(signatures) {
		x.note(check+".signatures", Warning, "its signatures have no date", "let freshclam fetch signatures; files are checked again only when these are newer")
	}
}
