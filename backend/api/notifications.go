package api

import (
	"html"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// NotificationPath is where Outlook tells of new mail, on the staff origin's
// listener; a mailbox's name follows.
const NotificationPath = "/graph/notifications"

// maxNotification bounds one post of Outlook's, which holds several notifications
// of less than a kilobyte each.
const maxNotification = 1 << 20

// maxValidation bounds the token that proves that an address wants notifications.
const maxValidation = 1 << 10

// Waking hears Outlook's notifications.
type Waking interface {
	Known(name string) bool
	Receive(name string, body []byte) error
}

// Notifications takes what Outlook tells of new mail. It needs no token, since each
// notification repeats a secret, and answers before anything is looked at.
type Notifications struct{ Waking Waking }

// Register serves the notifications.
func (n Notifications) Register(engine *gin.Engine) {
	engine.POST(NotificationPath+"/:mailbox", n.receive)
}

func (n Notifications) receive(c *gin.Context) {
	name := c.Param("mailbox")
	if token, asked := c.GetQuery("validationToken"); asked {
		n.validate(c, name, token)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxNotification))
	if err != nil {
		c.Status(http.StatusRequestEntityTooLarge)
		return
	}
	if n.Waking.Receive(name, body) != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	c.Status(http.StatusAccepted)
}

// validate answers Outlook's question whether an address wants notifications: the
// token, as plain text, with whatever could be markup in it escaped (Microsoft Learn,
// "Receive change notifications through webhooks": notificationUrl validation).
func (n Notifications) validate(c *gin.Context, name, token string) {
	if !n.Waking.Known(name) || token == "" || len(token) > maxValidation {
		c.Status(http.StatusNotFound)
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(html.EscapeString(token)))
}
