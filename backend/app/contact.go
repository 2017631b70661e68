package app

import (
	"senddigitally/backend/catalogue"
	"senddigitally/backend/contacting"
)

func (w *wiring) contacting() *contacting.Contacting {
	return &contacting.Contacting{Vault: w.vault, Uploads: w.uploading, Archive: w.archive, Gate: w.gate, Namer: w.namer, Routes: w.routes,
		Words: func(l string) contacting.Words { return catalogue.For(l) }, Clock: w.Clock}
}
