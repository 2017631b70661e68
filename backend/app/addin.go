package app

import (
	"crypto/rand"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"senddigitally/addin"
	"senddigitally/backend/web"
	"senddigitally/manifest"
)

// officeHosts may frame the task pane (Microsoft Learn, "Privacy and security
// for Office Add-ins"): Outlook on the web, new Outlook and their consumer twins.
var officeHosts = []string{"https://outlook.office.com", "https://outlook.office365.com", "https://outlook.cloud.microsoft",
	"https://*.officeapps.live.com", "https://outlook.live.com"}

// serveAddin serves the manifest, the task pane and its files. The pane's
// origin serves one tenant's configuration: the first one's.
func (w *wiring) serveAddin(engine *gin.Engine) error {
	xml, err := manifest.XML(w.Addin.Manifest)
	if err != nil {
		return err
	}
	engine.GET("/manifest.xml", func(c *gin.Context) { c.Data(http.StatusOK, "application/xml; charset=utf-8", xml) })
	engine.GET("/.well-known/microsoft-officeaddins-allowed.json", w.allowedOrigins)
	engine.GET("/addin/taskpane.html", w.taskPane)
	engine.GET("/addin/onsend.html", w.eventPage)
	engine.GET("/addin/onsend.js", w.addinFile)
	engine.GET("/addin/assets/*file", w.addinFile)
	engine.GET("/addin/icons/*file", w.addinFile)
	return nil
}

// allowedOrigins lets Outlook's event-based activation call us with single
// sign-on (Microsoft Learn, "Enable single sign-on in Outlook add-ins that use
// event-based activation").
func (w *wiring) allowedOrigins(c *gin.Context) {
	c.JSON(http.StatusOK, gin.H{"allowed": []string{w.Addin.Manifest.Base + "/"}})
}

func (w *wiring) taskPane(c *gin.Context) { w.framed(c, addin.TaskPane) }

// eventPage serves the page that runs before a message leaves.
func (w *wiring) eventPage(c *gin.Context) { w.framed(c, addin.EventPage) }

func (w *wiring) framed(c *gin.Context, fill func(addin.Page) ([]byte, error)) {
	first := w.Tenants[0]
	page := addin.Page{OfficeJS: w.Addin.OfficeJS, Nonce: rand.Text(), Config: addin.Config{
		ClientID: first.Entra.ClientID, Authority: first.Entra.Authority, Scope: "api://" + first.Entra.ClientID + "/access_as_user"}}
	html, err := fill(page)
	if err != nil {
		web.Problem(c, err)
		return
	}
	frames := w.Addin.Frames
	if len(frames) == 0 {
		frames = officeHosts
	}
	c.Header("Content-Security-Policy", addin.ContentPolicy(page, frames...))
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "text/html; charset=utf-8", html)
}

func (w *wiring) addinFile(c *gin.Context) {
	name := strings.TrimPrefix(path.Clean(c.Request.URL.Path), "/addin/")
	c.Header("X-Content-Type-Options", "nosniff")
	if strings.HasPrefix(name, "assets/") {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	c.FileFromFS(name, http.FS(addin.Files))
}
