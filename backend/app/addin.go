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
	office := engine.Group("", forOffice)
	office.GET("/manifest.xml", func(c *gin.Context) { c.Data(http.StatusOK, "application/xml; charset=utf-8", xml) })
	office.GET("/.well-known/microsoft-officeaddins-allowed.json", w.allowedScripts)
	office.GET("/addin/taskpane.html", w.taskPane)
	office.GET("/addin/signin.html", w.signInPage)
	office.GET("/addin/onsend.html", w.eventPage)
	office.GET("/addin/onsend.js", w.addinFile)
	office.GET("/addin/assets/*file", w.addinFile)
	office.GET("/addin/icons/*file", w.addinFile)
	return nil
}

// forOffice lets Outlook load what it shows itself, such as the button's icon.
func forOffice(c *gin.Context) { c.Header("Cross-Origin-Resource-Policy", "cross-origin") }

// allowedScripts lists the scripts that classic Outlook may run for this origin
// without a page (Microsoft Learn, "Use single sign-on (SSO) or cross-origin
// resource sharing (CORS) in your event-based or spam-reporting Outlook add-in").
func (w *wiring) allowedScripts(c *gin.Context) {
	c.JSON(http.StatusOK, gin.H{"allowed": []string{w.Addin.Manifest.Base + "/onsend.js"}})
}

func (w *wiring) taskPane(c *gin.Context) { w.addinPage(c, addin.TaskPane, w.framed) }

// eventPage serves the page that runs before a message leaves.
func (w *wiring) eventPage(c *gin.Context) { w.addinPage(c, addin.EventPage, w.framed) }

// signInPage serves the window in which the pane signs in where Outlook cannot.
// Outlook, another origin, opened it and must hear what it tells.
func (w *wiring) signInPage(c *gin.Context) {
	c.Header("Cross-Origin-Opener-Policy", "unsafe-none")
	w.addinPage(c, addin.SignInPage, addin.SignInPolicy)
}

func (w *wiring) framed(page addin.Page) string {
	if len(w.Addin.Frames) > 0 {
		return addin.ContentPolicy(page, w.Addin.Frames...)
	}
	return addin.ContentPolicy(page, officeHosts...)
}

func (w *wiring) addinPage(c *gin.Context, fill func(addin.Page) ([]byte, error), policy func(addin.Page) string) {
	first := w.Tenants[0]
	page := addin.Page{OfficeJS: w.Addin.OfficeJS, Nonce: rand.Text(), Config: addin.Config{
		ClientID: first.Entra.ClientID, Authority: first.Entra.Authority, Scope: "api://" + first.Entra.ClientID + "/access_as_user"}}
	html, err := fill(page)
	if err != nil {
		web.Problem(c, err)
		return
	}
	c.Header("Content-Security-Policy", policy(page))
	c.Data(http.StatusOK, "text/html; charset=utf-8", html)
}

func (w *wiring) addinFile(c *gin.Context) {
	name := strings.TrimPrefix(path.Clean(c.Request.URL.Path), "/addin/")
	if strings.HasPrefix(name, "assets/") {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	c.FileFromFS(name, http.FS(addin.Files))
}
