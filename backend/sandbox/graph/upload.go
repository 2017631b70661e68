package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"

	"senddigitally/backend/sandbox/mail"
)

// upload is one upload session. Its chunks come in order.
type upload struct {
	mu      sync.Mutex
	client  string
	mailbox string
	message string
	prefix  string // of the attachment's address
	token   string
	expires time.Time
	size    int64
	file    mail.Attachment
}

// createUploadSession answers an address on another host that needs no token (Microsoft
// Learn, "attachment: createUploadSession"). With delegated permissions it works in the
// caller's own mailbox only (Microsoft Learn, "Known issues": attaching large files to
// messages with delegated permissions can fail).
func (c *call) createUploadSession() error {
	var in struct {
		AttachmentItem struct {
			AttachmentType string `json:"attachmentType"`
			Name           string `json:"name"`
			Size           int64  `json:"size"`
			ContentType    string `json:"contentType"`
			ContentID      string `json:"contentId"`
			IsInline       bool   `json:"isInline"`
		} `json:"AttachmentItem"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if !c.who.AppOnly() && !c.own() {
		return denied()
	}
	item, settings := in.AttachmentItem, c.store.Settings()
	m, err := c.store.Message(c.mailbox.Address, c.r.PathValue("message"))
	if err != nil {
		return err
	}
	if err := acceptable(item.AttachmentType, item.Name, item.Size, settings); err != nil {
		return err
	}
	u := &upload{
		client: c.who.Client, mailbox: c.mailbox.Address, message: m.ImmutableID,
		prefix: fmt.Sprintf("/api/v2.0/Users('%s@%s')/Messages('%s')", c.mailbox.ID, c.cfg.Tenant, c.id(m)),
		token:  newToken(), expires: c.store.Now().Add(settings.UploadSessionLife), size: item.Size,
		file: mail.Attachment{Kind: mail.FileAttachment, Name: item.Name, ContentType: item.ContentType,
			ContentID: item.ContentID, Inline: item.IsInline, Content: make([]byte, 0, item.Size)},
	}
	path := u.prefix + "/AttachmentSessions('" + newToken() + "')"
	c.mu.Lock()
	c.uploads[path] = u
	c.mu.Unlock()
	answer := u.state()
	answer["uploadUrl"] = c.uploadBase() + path + "?authtoken=" + u.token
	return c.answer(http.StatusCreated, answer)
}

func acceptable(kind, name string, size int64, s mail.Settings) error {
	switch {
	case kind != "file" || name == "":
		return malformed("Only files with a name can be uploaded.")
	case size < s.SimpleAttachment:
		return mail.Refuse(http.StatusBadRequest, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
			"The attachment size should not be less than the minimum size.")
	case s.AttachmentSize > 0 && size > s.AttachmentSize:
		return mail.Refuse(http.StatusRequestEntityTooLarge, "ErrorAttachmentSizeLimitExceeded",
			"The attachment size exceeds the limit.")
	}
	return nil
}

func (c *call) uploadBase() string {
	if c.cfg.UploadBase != "" {
		return c.cfg.UploadBase
	}
	return "http://" + c.r.Host
}

// state is the uploadSession of an answer. The next range is a bare offset, as Outlook
// writes it, not "4-".
func (u *upload) state() map[string]any {
	next := strconv.Itoa(len(u.file.Content))
	if len(u.file.Content) == 0 {
		next = "0-"
	}
	return map[string]any{
		"expirationDateTime": u.expires.Format(time.RFC3339),
		"nextExpectedRanges": []string{next},
	}
}

// Uploads serves the addresses of upload sessions: PUT takes the next chunk, GET tells
// how far it got, DELETE ends the session. A request with an Authorization header is
// refused, since the address itself is the permission (Microsoft Learn, "Attach large
// files to Outlook messages or events").
func (s *Server) Uploads() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := s.newCall(w, r)
		c.fail(c.upload())
	})
}

func (c *call) upload() error {
	c.mu.Lock()
	u := c.uploads[c.r.URL.Path]
	c.mu.Unlock()
	switch {
	case c.r.Header.Get("Authorization") != "":
		return mail.Refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "Do not specify an Authorization request header.")
	case u == nil || c.r.URL.Query().Get("authtoken") != u.token || !c.store.Now().Before(u.expires):
		return mail.Refuse(http.StatusNotFound, "ErrorItemNotFound", "The upload session was not found.")
	}
	leave, err := c.limits.enter(u.client, u.mailbox)
	if err != nil {
		return err
	}
	defer leave()
	defer func() { c.limits.uploaded(u.client, u.mailbox, c.body.n) }()
	u.mu.Lock()
	defer u.mu.Unlock()
	switch c.r.Method {
	case http.MethodPut:
		return c.chunk(u)
	case http.MethodGet:
		return c.answer(http.StatusOK, u.state())
	case http.MethodDelete:
		c.forget(u)
		return c.nothing(http.StatusNoContent)
	}
	return mail.Refuse(http.StatusMethodNotAllowed, "ErrorInvalidRequest", "Use PUT.")
}

var contentRange = regexp.MustCompile(`^bytes (\d{1,12})-(\d{1,12})/(\d{1,12})$`)

// chunk takes the next bytes; they have to continue where the last ones ended.
func (c *call) chunk(u *upload) error {
	length, err := c.chunkLength(u)
	if err != nil {
		return err
	}
	broken := c.breaks()
	if broken {
		length /= 2
	}
	part := make([]byte, length)
	if _, err := io.ReadFull(c.r.Body, part); err != nil {
		return malformed("The body is shorter than the Content-Range.")
	}
	u.file.Content = append(u.file.Content, part...)
	if broken {
		panic(http.ErrAbortHandler)
	}
	if int64(len(u.file.Content)) < u.size {
		return c.progress(u)
	}
	a, err := c.store.AddAttachment(u.mailbox, u.message, u.file)
	c.forget(u)
	if err != nil {
		return err
	}
	c.w.Header().Set("Location", c.uploadBase()+u.prefix+"/Attachments('"+a.ID+"')")
	return c.nothing(http.StatusCreated)
}

// progress answers as outlook.office.com does, which writes ExpirationDateTime in
// capitals.
func (c *call) progress(u *upload) error {
	state := u.state()
	c.w.Header().Set("Content-Type", "application/json")
	return ignoreBrokenPipe(json.NewEncoder(c.w).Encode(map[string]any{
		"ExpirationDateTime": state["expirationDateTime"],
		"nextExpectedRanges": state["nextExpectedRanges"],
	}))
}

func (c *call) chunkLength(u *upload) (int64, error) {
	match := contentRange.FindStringSubmatch(c.r.Header.Get("Content-Range"))
	if match == nil {
		return 0, malformed("The Content-Range header is missing or cannot be read.")
	}
	var n [3]int64
	for i := range n {
		n[i], _ = strconv.ParseInt(match[i+1], 10, 64)
	}
	first, last, total := n[0], n[1], n[2]
	limit := c.store.Settings().UploadChunk
	switch {
	case last < first || total != u.size || last >= total:
		return 0, malformed("The Content-Range does not fit the file.")
	case first != int64(len(u.file.Content)):
		return 0, mail.Refuse(http.StatusRequestedRangeNotSatisfiable, "ErrorInvalidContentRange", "The bytes have to be uploaded in order.")
	case limit > 0 && last-first+1 > limit:
		return 0, mail.Refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "A range has to be below 4 MB.")
	case c.r.ContentLength >= 0 && c.r.ContentLength != last-first+1:
		return 0, malformed("Content-Length and Content-Range differ.")
	}
	return last - first + 1, nil
}

// breaks takes one of the broken uploads that the settings ask for.
func (c *call) breaks() (broken bool) {
	c.store.Configure(func(s *mail.Settings) {
		if broken = s.BrokenUploads > 0; broken {
			s.BrokenUploads--
		}
	})
	return broken
}

func (c *call) forget(u *upload) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for path, other := range c.uploads {
		if other == u {
			delete(c.uploads, path)
		}
	}
}
