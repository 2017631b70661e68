package config

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"

	"senddigitally/backend/transfer"
)

var rules = func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(sf reflect.StructField) string { return sf.Tag.Get("koanf") })
	return v
}()

// index is the number of an element in a setting's name.
var index = regexp.MustCompile(`\[[0-9]+\]`)

// general is a setting's name as the schema has it.
func general(setting string) string {
	for _, f := range schema {
		if f.path == index.ReplaceAllString(setting, "[]") {
			return f.path
		}
	}
	return index.ReplaceAllString(setting, "") // an element of a simple list is its list
}

// check holds the rules of the tags and those across settings.
func (c *Config) check(p *Problems) {
	p.broken(rules.Struct(c))
	c.checkNetwork(p)
	c.checkRedis(p)
	c.checkFiles(p)
	seen := map[string]string{}
	for i := range c.Tenants {
		at := "tenants[" + strconv.Itoa(i) + "]."
		t := &c.Tenants[i]
		twice(p, seen, at+"id", "id "+string(t.ID))
		twice(p, seen, at+"entra.client_id", "client "+t.Entra.TenantID+"/"+t.Entra.ClientID)
		t.check(p, at, c.Mode)
	}
}

func twice(p *Problems, seen map[string]string, setting, value string) {
	if other, taken := seen[value]; taken {
		p.add(setting, "same_as", Params{"other": other})
	}
	seen[value] = setting
}

func (c *Config) checkNetwork(p *Problems) {
	c.checkListen(p, "listen.staff", c.Listen.Staff)
	c.checkListen(p, "listen.portal", c.Listen.Portal)
	if c.Listen.Metrics != "" {
		c.checkListen(p, "listen.metrics", c.Listen.Metrics)
	}
	c.checkListenApart(p)
	c.checkOrigin(p, "origins.staff", c.Origins.Staff)
	c.checkOrigin(p, "origins.portal", c.Origins.Portal)
	c.checkOrigin(p, "origins.notifications", c.Origins.Notifications)
	if c.Origins.Staff != "" && strings.EqualFold(c.Origins.Staff, c.Origins.Portal) {
		p.add("origins.portal", "portal_is_staff", nil)
	}
	if (c.TLS.Certificate == "") != (c.TLS.Key == "") {
		p.add("tls", "tls_half", nil)
	}
	c.checkAddress(p, "addin.office_js_url", c.Addin.OfficeJS)
	for i, proxy := range c.Proxies {
		if network, err := netip.ParsePrefix(proxy); err == nil && network.Bits() < 7 {
			p.add("trusted_proxies["+strconv.Itoa(i)+"]", "proxy_wide", nil)
		}
	}
}

func (c *Config) checkListen(p *Problems, setting, address string) {
	host, port, err := net.SplitHostPort(address)
	if _, number := strconv.ParseUint(port, 10, 16); err != nil || number != nil {
		p.add(setting, "not_listen", nil)
		return
	}
	switch near := loopback(host); {
	case c.Mode == Trial && !near:
		p.add(setting, "trial_reachable", nil)
	case c.Mode == Trial || setting == "listen.metrics" || c.TLS.Certificate != "" || c.behindProxy(near):
	case near:
		p.add("trusted_proxies", "proxy_missing", nil)
	default:
		p.add(setting, "listen_tls", nil)
	}
}

// behindProxy tells whether a proxy is named that comes to a listener, near on
// loopback or not. Behind one that is not, all visitors have the proxy's address,
// and one of them uses up every limit for all.
func (c *Config) behindProxy(near bool) bool {
	return slices.ContainsFunc(c.Proxies, func(proxy string) bool {
		address, _, _ := strings.Cut(proxy, "/")
		return loopback(address) == near
	})
}

// checkListenApart refuses one address for two: one of them would never answer.
// Port 0 is another one each time.
func (c *Config) checkListenApart(p *Problems) {
	seen := map[string]string{}
	for _, l := range [][2]string{{"listen.staff", c.Listen.Staff}, {"listen.portal", c.Listen.Portal}, {"listen.metrics", c.Listen.Metrics}} {
		if l[1] != "" && !strings.HasSuffix(l[1], ":0") {
			twice(p, seen, l[0], l[1])
		}
	}
}

func (c *Config) checkOrigin(p *Problems, setting, origin string) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return // the tag's rule has said so
	}
	if u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		p.add(setting, "not_origin", nil)
	}
	c.checkAddress(p, setting, origin)
}

// checkAddress refuses what would travel unprotected.
func (c *Config) checkAddress(p *Problems, setting, address string) {
	secure(p, setting, address, c.Mode)
}

func secure(p *Problems, setting, address string, mode Mode) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme == "https" {
		return
	}
	if mode == Trial && loopback(u.Hostname()) {
		return
	}
	p.add(setting, "not_https", nil)
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

const longestLife = Duration(180 * day)

func (c *Config) checkFiles(p *Problems) {
	places := map[string]string{"storage.blobs": c.Storage.Blobs, "storage.keys": c.Storage.Keys}
	for setting, address := range places {
		c.checkPlace(p, setting, address)
		places[setting] = placeOf(address)
	}
	places["audit.directory"] = "file://" + c.Audit.Directory
	apart(p, places)
	if !filepath.IsAbs(c.Audit.Directory) {
		p.add("audit.directory", "not_absolute", Params{"example": "/var/lib/senddigitally/audit"})
	}
	private(p, "storage.keyring", c.Storage.Keyring, "missing_keyring")
	private(p, "tls.key", c.TLS.Key, "missing_file")
	exists(p, "tls.certificate", c.TLS.Certificate)
	exists(p, "redis.authority", c.Redis.Authority)
	c.checkKEK(p)
}

// apart refuses directories that lie in each other.
func apart(p *Problems, places map[string]string) {
	names := []string{"storage.blobs", "storage.keys", "audit.directory"}
	for i, name := range names {
		for _, other := range names[:i] {
			a, b := filepath.Clean(places[name])+"/", filepath.Clean(places[other])+"/"
			if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
				p.add(name, "same_directory", Params{"other": other})
			}
		}
	}
}

func exists(p *Problems, setting, path string) {
	if path == "" {
		return
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		p.add(setting, "missing_file", nil)
	}
}

// private is for files that whoever reads them can use against us; missing is
// the key of what to say where there is none.
func private(p *Problems, setting, path, missing string) {
	if path == "" {
		return
	}
	info, err := os.Stat(path)
	switch {
	case err != nil || !info.Mode().IsRegular():
		p.add(setting, missing, Params{"path": path})
	case info.Mode().Perm()&0o077 != 0:
		p.add(setting, "readable_by_others", Params{"path": path})
	}
}

func (t *Tenant) check(p *Problems, at string, mode Mode) {
	switch has := [2]bool{t.Entra.Certificate != "", t.Entra.Secret != ""}; {
	case has == [2]bool{false, false}:
		p.add(at+"entra.certificate", "missing_certificate", nil)
	case has == [2]bool{true, true}:
		p.add(at+"entra.secret", "secret_too", nil)
	case has[1] && mode != Trial:
		p.add(at+"entra.secret", "secret_trial", nil)
	}
	private(p, at+"entra.certificate", t.Entra.Certificate, "missing_file")
	exists(p, at+"routing_file", t.RoutingFile)
	secure(p, at+"entra.authority", t.Entra.Authority, mode)
	secure(p, at+"graph.base_url", t.Graph.BaseURL, mode)
	if slices.ContainsFunc(t.Mailboxes.Service, func(s string) bool { return strings.EqualFold(s, t.Mailboxes.Intake) }) {
		p.add(at+"mailboxes.intake", "intake_sends", nil)
	}
	t.Theme.check(p, at+"theme.")
	secure(p, at+"sms.url", t.SMS.URL, mode)
	if t.SMS.URL == "" && slices.Contains(t.Policy.Codes, transfer.CodeSMS) {
		p.add(at+"sms.url", "no_gateway", nil)
	}
	t.Policy.check(p, at+"policy.")
}

func (o Policy) check(p *Problems, at string) {
	if len(o.Codes) > 0 && o.Codes[0] == "none" {
		p.add(at+"codes", "no_code_default", nil)
	}
	if len(o.Codes) > 0 && o.Codes[0] == transfer.CodeMail {
		p.add(at+"codes", "mail_code_default", nil)
	}
	if _, ok := transfer.ParsePhone("1234567890", o.PhoneCountry); o.PhoneCountry != "" && !ok {
		p.add(at+"phone_country", "not_country_code", nil)
	}
	if o.MaxExpiry > longestLife {
		p.add(at+"max_expiry", "above_cap", Params{"limit": longestLife})
	}
	if o.Expiry > o.MaxExpiry {
		p.add(at+"expiry", "above", Params{"other": "max_expiry", "limit": o.MaxExpiry})
	}
	if o.ReplyRetention > longestLife {
		p.add(at+"reply_retention", "above_cap", Params{"limit": longestLife})
	}
	if o.UndoWindow > o.MaxExpiry {
		p.add(at+"undo_window", "above", Params{"other": "max_expiry", "limit": o.MaxExpiry})
	}
	if o.MaxFile > o.MaxTransfer {
		p.add(at+"max_file", "above", Params{"other": "max_transfer", "limit": "max_transfer"})
	}
	if time.Duration(o.CodeLockout) > day {
		p.add(at+"code_lockout", "above_cap", Params{"limit": Duration(day)})
	}
}
