package outlook

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
)

// web holds the page, its styles and modules, and the parts of /office.js.
//
//go:embed web
var web embed.FS

func servePages() http.Handler {
	pages, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the embedded folder has another name
	}
	return http.FileServerFS(pages)
}

// officeJS is the stand-in for Office.js: the parts in the order of their names, in
// one scope, since the pane needs it as one classic script that defines Office at once.
var officeJS = assembleOfficeJS()

func assembleOfficeJS() []byte {
	parts, err := fs.Glob(web, "web/office/*.js")
	if err != nil || len(parts) == 0 {
		panic("outlook: /office.js has no parts")
	}
	var script bytes.Buffer
	script.WriteString("(() => {\n'use strict';\n")
	for _, name := range parts {
		part, _ := web.ReadFile(name)
		script.Write(part)
	}
	script.WriteString("})();\n")
	return script.Bytes()
}

// serveOfficeJS lets every origin load the script; it does nothing without a window
// around it that answers.
func serveOfficeJS(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Write(officeJS)
}
