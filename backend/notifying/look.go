package notifying

import "senddigitally/backend/transfer"

// look is the organisation's colour in a mail, and that of text on it, for light
// and dark.
type look struct{ Accent, On, Dark, OnDark transfer.Colour }

func lookOf(t transfer.Theme) look {
	t = t.Complete()
	return look{t.Accent, t.Accent.On(), t.AccentDark, t.AccentDark.On()}
}
