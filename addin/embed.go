// Package addin holds the built Outlook add-in: the task pane's page, its
// script and the icons that the manifest names.
//
// Files are served as they are, except taskpane.html and signin.html, which
// [TaskPane] and [SignInPage] fill in first: they hold the placeholders %%CONFIG%% (the [Config] as JSON in a
// meta element), %%NONCE%% (the nonce of the page's style policy) and
// %%OFFICE_JS%% (the address of Office.js). File names below assets/ carry a
// hash of their content and may be kept by a browser for ever; all others may
// change with every release.
// send.html is the same application for staff without Outlook; [SendPage] fills
// it in.
//
// Invariant: the page holds no inline script, and inline style only under the
// nonce, so it works under [ContentPolicy].
//
// Failure: a page whose placeholders do not match this package is an error at
// the first request, and a test holds that it does not come to that.
package addin

import (
	"embed"
	"io/fs"
)

//go:embed dist
var built embed.FS

// Files are the built add-in: taskpane.html, signin.html, assets/, icons/, licenses.md.
var Files = sub(built, "dist")

func sub(files fs.FS, folder string) fs.FS {
	inner, err := fs.Sub(files, folder)
	if err != nil { // only for an invalid folder name
		panic(err)
	}
	return inner
}
