package web

import "github.com/gin-gonic/gin"

// guard sets the headers that every answer has: nothing is guessed, kept, framed,
// loaded by another site or told where it came from, until a handler that has a
// reason says otherwise. Browsers that come by https do so for a year (RFC 6797).
func guard(secure bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		h := c.Writer.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		c.Next()
	}
}

// Page adds what a page of ours needs: its own policy, and a window of its own.
func Page(policy string) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Content-Security-Policy", policy)
		c.Header("Cross-Origin-Opener-Policy", "same-origin")
		c.Next()
	}
}
