package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

const (
	// uploadChunk is one PUT: below 4 MB and a multiple of 320 KiB (Microsoft Learn,
	// "Attach large files to Outlook messages or events", "Use the Microsoft Graph
	// SDKs to upload large files").
	uploadChunk = 12 * 320 << 10
	// uploadSessions and uploadHiccups bound how often an attachment is begun again,
	// and how often one session goes on after a failure.
	uploadSessions = 3
	uploadHiccups  = 5
	hiccupPause    = time.Second
)

// errSessionGone says that an upload session no longer exists.
var errSessionGone = errors.New("the upload session is gone")

// upload adds an attachment through an upload session, and through a new one when the
// first expires. An attachment comes into being with the last byte; whether that
// happened unseen is looked up before anything is begun again.
func (s *session) upload(ctx context.Context, id string, i int, a transfer.MailAttachment) error {
	var err error
	for range uploadSessions {
		var target *url.URL
		if target, err = s.uploadSession(ctx, id, a); err != nil {
			return err
		}
		u := &uploading{session: s, target: target, source: &source{attachment: a}}
		err = u.run(ctx)
		u.source.close()
		if err == nil || s.attached(ctx, id, i) {
			return nil
		}
		if !errors.Is(err, errSessionGone) {
			return err
		}
	}
	return busy(hiccupPause, err)
}

func (s *session) uploadSession(ctx context.Context, id string, a transfer.MailAttachment) (*url.URL, error) {
	item := models.NewAttachmentItem()
	item.SetAttachmentType(ptr(models.FILE_ATTACHMENTTYPE))
	item.SetName(&a.Name)
	item.SetSize(&a.Size)
	item.SetContentType(&a.Type)
	request := users.NewItemMessagesItemAttachmentsCreateUploadSessionPostRequestBody()
	request.SetAttachmentItem(item)
	made, err := s.user.Messages().ByMessageId(id).Attachments().CreateUploadSession().Post(ctx, request, nil)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(value(made.GetUploadUrl()))
	if err != nil || !s.mayUpload(target) {
		return nil, transfer.E(transfer.Internal, "Outlook wants the upload at a host that is not allowed")
	}
	return target, nil
}

func (s *session) mayUpload(target *url.URL) bool {
	return s.config.permits(target) && slices.Contains(s.config.UploadHosts, strings.ToLower(target.Hostname()))
}

// uploading is one upload session under way.
type uploading struct {
	*session
	target *url.URL
	source *source
}

func (u *uploading) run(ctx context.Context) error {
	size, hiccups := u.source.attachment.Size, 0
	for next := int64(0); next < size; {
		chunk, err := u.source.at(next)
		if err != nil {
			return err
		}
		after, err := u.put(ctx, next, chunk)
		if err != nil {
			if hiccups++; hiccups > uploadHiccups || !passing(err) {
				return gone(err)
			}
			if after, err = u.ask(ctx); err != nil {
				return err
			}
		}
		next = after
	}
	return nil
}

// put sends one chunk and answers which byte is next; the size, when all are there.
// The URL is pre-authenticated: a token must not go along.
func (u *uploading) put(ctx context.Context, start int64, chunk []byte) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, u.target.String(), bytes.NewReader(chunk))
	if err != nil {
		return 0, err
	}
	end, size := start+int64(len(chunk)), u.source.attachment.Size
	request.Header.Set("Content-Type", "application/octet-stream")
	request.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, end-1, size))
	response, err := u.stream.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusCreated {
		return size, nil
	}
	return expected(response.Body, end, size)
}

// ask finds out, after a failure, which byte the session wants next.
func (u *uploading) ask(ctx context.Context) (int64, error) {
	if err := u.config.Sleep(ctx, hiccupPause); err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.target.String(), nil)
	if err != nil {
		return 0, err
	}
	response, err := u.stream.Do(request)
	if err != nil {
		return 0, gone(err)
	}
	defer response.Body.Close()
	return expected(response.Body, 0, u.source.attachment.Size)
}

// expected reads where to go on from nextExpectedRanges: "4-9", "4-" and Outlook's
// "4"; without any, at the fallback.
func expected(body io.Reader, fallback, size int64) (int64, error) {
	var state struct {
		Next []string `json:"nextExpectedRanges"`
	}
	text, err := io.ReadAll(io.LimitReader(body, maxErrorBody))
	if err != nil {
		return 0, err
	}
	if json.Unmarshal(text, &state) != nil || len(state.Next) == 0 {
		return fallback, nil
	}
	first, _, _ := strings.Cut(state.Next[0], "-")
	next, err := strconv.ParseInt(first, 10, 64)
	if err != nil || next < 0 || next > size {
		return 0, errSessionGone
	}
	return next, nil
}

// passing tells failures after which a session may still be there.
func passing(err error) bool {
	refused, ok := errors.AsType[*refusal](err)
	if !ok {
		return transfer.CodeOf(err) == transfer.Internal // the network's own errors
	}
	return refused.status >= http.StatusInternalServerError || refused.status == http.StatusRequestedRangeNotSatisfiable
}

// gone recognises the answers of a session that has expired or never was.
func gone(err error) error {
	if refused, ok := errors.AsType[*refusal](err); ok {
		switch refused.status {
		case http.StatusNotFound, http.StatusGone, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed:
			return errSessionGone
		}
	}
	return err
}

// source reads an attachment in chunks, forward, and from the start again when the
// session wants an earlier byte than the last chunk's.
type source struct {
	attachment transfer.MailAttachment
	stream     io.ReadCloser
	start      int64 // of chunk in the attachment
	chunk      []byte
}

// at answers the bytes from an offset on: what is left of the chunk in hand, or a
// chunk read from the stream.
func (s *source) at(offset int64) ([]byte, error) {
	end := s.start + int64(len(s.chunk))
	if s.stream == nil || offset < s.start {
		if err := s.reopen(); err != nil {
			return nil, err
		}
		end = 0
	}
	if offset < end {
		return s.chunk[offset-s.start:], nil
	}
	if _, err := io.CopyN(io.Discard, s.stream, offset-end); err != nil {
		return nil, short(err)
	}
	// A new buffer each time: the connection may still read the former one.
	s.start, s.chunk = offset, make([]byte, min(uploadChunk, s.attachment.Size-offset))
	if _, err := io.ReadFull(s.stream, s.chunk); err != nil {
		return nil, short(err)
	}
	if offset+int64(len(s.chunk)) == s.attachment.Size {
		return s.chunk, s.ended()
	}
	return s.chunk, nil
}

// ended makes sure that nothing follows the stated size.
func (s *source) ended() error {
	switch _, err := io.ReadFull(s.stream, make([]byte, 1)); err {
	case io.EOF:
		return nil
	case nil:
		return wrongSize()
	default:
		return err
	}
}

func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return wrongSize()
	}
	return err
}

func (s *source) reopen() (err error) {
	s.close()
	s.start, s.chunk = 0, nil
	s.stream, err = s.attachment.Open()
	return err
}

func (s *source) close() {
	if s.stream != nil {
		s.stream.Close()
		s.stream = nil
	}
}
