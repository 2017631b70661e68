package graph

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	absauth "github.com/microsoft/kiota-abstractions-go/authentication"
	azureauth "github.com/microsoft/kiota-authentication-azure-go"
	kiotahttp "github.com/microsoft/kiota-http-go"
	kiotajson "github.com/microsoft/kiota-serialization-json-go"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

const (
	// personPatience is how long a request waits in place while a person watches;
	// a job is put off instead.
	personPatience = 20 * time.Second
	// uploadPatience spares an upload that has got far from being begun again.
	uploadPatience = 60 * time.Second
	// answerTime is how long the SDK waits for an answer. Streams are not limited.
	answerTime = 100 * time.Second
)

// session is access to one mailbox, on behalf of a caller or as the application.
type session struct {
	*tenant
	gate    *gate
	user    *users.UserItemRequestBuilder
	adapter *kiotahttp.NetHttpRequestAdapter
	stream  *http.Client // for what the SDK would hold in memory
	tokens  absauth.AccessTokenProvider
	name    string // the mailbox as it stands in URLs
}

func (c *Client) tenant(id transfer.TenantID) (*tenant, error) {
	if t, known := c.tenants[id]; known {
		return t, nil
	}
	return nil, transfer.E(transfer.Unavailable, "Outlook access is not set up for this organisation")
}

// delegated opens a mailbox on behalf of a caller; "me" is her own.
func (c *Client) delegated(id transfer.TenantID, caller transfer.Caller, mailbox string) (*session, error) {
	if caller.Tenant != id {
		return nil, transfer.E(transfer.Forbidden, "The caller belongs to another organisation")
	}
	if mailbox == "me" && caller.Subject != "" {
		mailbox = caller.Subject
	}
	return c.open(id, mailbox, caller.Assertion, true, personPatience)
}

// application opens a mailbox as the application.
func (c *Client) application(id transfer.TenantID, mailbox string, patience time.Duration) (*session, error) {
	return c.open(id, mailbox, "", false, patience)
}

func (c *Client) open(id transfer.TenantID, mailbox string, assertion transfer.Assertion, delegated bool, patience time.Duration) (*session, error) {
	t, err := c.tenant(id)
	if err != nil {
		return nil, err
	}
	if !mailboxForm.MatchString(mailbox) {
		return nil, transfer.E(transfer.MailboxMissing, "This is not a mailbox")
	}
	return t.open(mailbox, credential{t.app, assertion, delegated}, patience)
}

func (t *tenant) open(mailbox string, as credential, patience time.Duration) (*session, error) {
	base := t.config.HTTP.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	gate := t.gates.of(mailbox)
	to := &line{base: base, gate: gate, host: t.endpoint.Host, patience: patience, credential: as,
		log: t.config.Logger.With("tenant", t.config.Tenant)}
	tokens, err := azureauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(as, []string{graphScope}, []string{t.endpoint.Hostname()})
	if err != nil {
		return nil, err
	}
	adapter, err := kiotahttp.NewNetHttpRequestAdapterWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		tokens, kiotajson.NewJsonParseNodeFactory(), kiotajson.NewJsonSerializationWriterFactory(),
		&http.Client{Transport: to, Timeout: answerTime})
	if err != nil {
		return nil, err
	}
	adapter.SetBaseUrl(t.endpoint.String())
	all := users.NewUsersRequestBuilderInternal(map[string]string{"baseurl": t.endpoint.String()}, adapter)
	return &session{tenant: t, gate: gate, user: all.ByUserId(mailbox), adapter: adapter, name: mailbox,
		stream: &http.Client{Transport: to}, tokens: tokens.GetAuthorizationTokenProvider()}, nil
}

// get streams what lies at a path under the mailbox.
func (s *session) get(ctx context.Context, path ...string) (*http.Response, error) {
	address := s.endpoint.String() + "/users/" + url.PathEscape(s.name)
	for _, segment := range path {
		address += "/" + url.PathEscape(segment)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	token, err := s.tokens.GetAuthorizationToken(ctx, request.URL, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	return s.stream.Do(request)
}

var (
	addressForm = regexp.MustCompile(`^[^\s/\\?#@]+@[^\s/\\?#@]+$`)
	mailboxForm = regexp.MustCompile(`^(me|[0-9a-fA-F-]{36}|[^\s/\\?#@]+@[^\s/\\?#@]+)$`)
	itemForm    = regexp.MustCompile(`^[A-Za-z0-9_=-]{1,600}$`)
	ewsToREST   = strings.NewReplacer("/", "-", "+", "_")
)

// itemID accepts an item's id as Graph or Office.js give it. Office.js answers EWS
// ids, which differ in two characters (Microsoft Learn, Office.context.mailbox.
// convertToRestId).
func itemID(id string) (string, error) {
	id = ewsToREST.Replace(id)
	if !itemForm.MatchString(id) {
		return "", transfer.E(transfer.DraftNotFound, "This is not a message id")
	}
	return id, nil
}

func ptr[T any](v T) *T { return &v }

// value answers what p points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
