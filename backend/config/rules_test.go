package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// problem is what is wrong with the sample under changes from the environment.
func problem(t *testing.T, setting string, environ []string) (string, error) {
	t.Helper()
	_, err := loaded(t, environ...)
	found, _ := errors.AsType[Problems](err)
	for _, one := range found {
		if one.Setting == setting {
			return one.Wrong.Key, err
		}
	}
	return "", err
}

func TestUnsafeSettingsStopTheStart(t *testing.T) {
	dir, _ := machine(t)
	for name, mode := range map[string]os.FileMode{"world": 0o444, "group": 0o440} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name, setting string
		environ       []string
	}{
		{"http origin", "origins.portal", []string{"ORIGINS_PORTAL=http://post.municipality.example"}},
		{"http origin on loopback", "origins.staff", []string{"ORIGINS_STAFF=http://127.0.0.1:8441"}},
		{"origin with a path", "origins.staff", []string{"ORIGINS_STAFF=https://municipality.example/send"}},
		{"origin with a slash", "origins.staff", []string{"ORIGINS_STAFF=https://municipality.example/"}},
		{"one origin", "origins.portal", []string{"ORIGINS_PORTAL=https://send.municipality.example"}},
		{"listening in the clear", "listen.portal", []string{"LISTEN_PORTAL=0.0.0.0:80"}},
		{"listening everywhere", "listen.staff", []string{"LISTEN_STAFF=:8441"}},
		{"one address for two", "listen.portal", []string{"LISTEN_PORTAL=127.0.0.1:8441"}},
		{"no port", "listen.staff", []string{"LISTEN_STAFF=127.0.0.1"}},
		{"half a certificate", "tls", []string{"TLS_CERTIFICATE=" + dir + "/tls.pem"}},
		{"public TLS key", "tls.key", []string{"TLS_CERTIFICATE=" + dir + "/tls.pem", "TLS_KEY=" + dir + "/world"}},
		{"a proxy on this machine that is not named", "trusted_proxies", []string{"TRUSTED_PROXIES=10.0.0.5/32"}},
		{"any proxy", "trusted_proxies[0]", []string{"TRUSTED_PROXIES=0.0.0.0/0"}},
		{"any IPv6 proxy", "trusted_proxies[1]", []string{"TRUSTED_PROXIES=10.0.0.1,::/0"}},
		{"half the proxies", "trusted_proxies[0]", []string{"TRUSTED_PROXIES=128.0.0.0/1"}},
		{"wildcard proxy", "trusted_proxies[0]", []string{"TRUSTED_PROXIES=*"}},
		{"secret beside a certificate", "tenants[0].entra.secret", []string{"TENANTS_0_ENTRA_SECRET=s"}},
		{"key ring for the world", "storage.keyring", []string{"STORAGE_KEYRING=" + dir + "/world"}},
		{"key ring for the group", "storage.keyring", []string{"STORAGE_KEYRING=" + dir + "/group"}},
		{"no key ring", "storage.keyring", []string{"STORAGE_KEYRING=" + dir + "/none"}},
		{"key ring is a directory", "storage.keyring", []string{"STORAGE_KEYRING=" + dir}},
		{"keys among blobs", "storage.keys", []string{"STORAGE_KEYS=file:///var/lib/senddigitally/blobs/keys"}},
		{"audit among keys", "audit.directory", []string{"AUDIT_DIRECTORY=/var/lib/senddigitally/keys/../keys"}},
		{"no colour", "tenants[0].theme.accent", []string{"TENANTS_0_THEME_ACCENT=blue"}},
		{"yellow on white", "tenants[0].theme.accent", []string{"TENANTS_0_THEME_ACCENT=#ffd166"}},
		{"navy on black", "tenants[0].theme.accent_dark", []string{"TENANTS_0_THEME_ACCENT_DARK=#0062ba"}},
		{"no logo", "tenants[0].theme.logo", []string{"TENANTS_0_THEME_BAR=#ffffff", "TENANTS_0_THEME_LOGO=" + dir + "/none"}},
		{"a logo of another kind", "tenants[0].theme.logo", []string{"TENANTS_0_THEME_BAR=#ffffff", "TENANTS_0_THEME_LOGO=" + dir + "/world"}},
		{"a logo on nothing", "tenants[0].theme.bar", []string{"TENANTS_0_THEME_LOGO=" + dir + "/world"}},
		{"no place of keys", "storage.kek", []string{"STORAGE_KEK=http://vault.example/keys/x"}},
		{"no key", "storage.kek", []string{"STORAGE_KEK=https://vault.example"}},
		{"no authority", "redis.authority", []string{"REDIS_AUTHORITY=/none"}},
		{"S3 without a region", "storage.blobs", []string{"STORAGE_BLOBS=s3://bucket"}},
		{"S3 without keys", "storage.s3_secret_key", []string{"STORAGE_BLOBS=s3://bucket?region=eu-north-1"}},
		{"S3 in the clear", "storage.blobs", []string{"STORAGE_BLOBS=s3://bucket?endpoint=http://s3.example", "STORAGE_S3_ACCESS_KEY=a", "STORAGE_S3_SECRET_KEY=b"}},
		{"credentials in the place", "storage.blobs", []string{"STORAGE_BLOBS=s3://a:b@bucket?region=eu-north-1"}},
		{"keys in the same bucket", "storage.keys", []string{"STORAGE_BLOBS=s3://b?region=r", "STORAGE_KEYS=s3://b/keys?region=r", "STORAGE_S3_ACCESS_KEY=a", "STORAGE_S3_SECRET_KEY=b"}},
		{"Azure without a container", "storage.keys", []string{"STORAGE_KEYS=azblob://account"}},
		{"another kind of storage", "storage.blobs", []string{"STORAGE_BLOBS=ftp://host/x"}},
		{"relative storage", "storage.blobs", []string{"STORAGE_BLOBS=file://blobs"}},
		{"http Entra", "tenants[0].entra.authority", []string{"TENANTS_0_ENTRA_AUTHORITY=http://login.example"}},
		{"http Graph", "tenants[0].graph.base_url", []string{"TENANTS_0_GRAPH_BASE_URL=http://127.0.0.1:9/v1.0"}},
		{"http Office.js", "addin.office_js_url", []string{"ADDIN_OFFICE_JS_URL=http://cdn.example/office.js"}},
		{"no code by default", "tenants[0].policy.codes", []string{"TENANTS_0_POLICY_CODES=none, generated"}},
		{"a code that there is not", "tenants[0].policy.codes[1]", []string{"TENANTS_0_POLICY_CODES=generated, telepathy"}},
		{"a code by mail as the default", "tenants[0].policy.codes", []string{"TENANTS_0_POLICY_CODES=mail, generated"}},
		{"codes by text without a gateway", "tenants[0].sms.url", []string{"TENANTS_0_POLICY_CODES=generated, sms"}},
		{"a gateway without TLS", "tenants[0].sms.url", []string{"TENANTS_0_SMS_URL=http://sms.gateway.example/"}},
		{"a text message without its text", "tenants[0].sms.body", []string{"TENANTS_0_SMS_BODY={}"}},
		{"not a country code", "tenants[0].policy.phone_country", []string{"TENANTS_0_POLICY_PHONE_COUNTRY=+x"}},
		{"short passwords", "tenants[0].policy.min_password", []string{"TENANTS_0_POLICY_MIN_PASSWORD=4"}},
		{"for ever", "tenants[0].policy.max_expiry", []string{"TENANTS_0_POLICY_MAX_EXPIRY=181d"}},
		{"expiry above the maximum", "tenants[0].policy.expiry", []string{"TENANTS_0_POLICY_EXPIRY=31d"}},
		{"no expiry", "tenants[0].policy.expiry", []string{"TENANTS_0_POLICY_EXPIRY=0s"}},
		{"replies for ever", "tenants[0].policy.reply_retention", []string{"TENANTS_0_POLICY_REPLY_RETENTION=1000d"}},
		{"file above transfer", "tenants[0].policy.max_file", []string{"TENANTS_0_POLICY_MAX_FILE=3 GB"}},
		{"intake that sends", "tenants[0].mailboxes.intake", []string{"TENANTS_0_MAILBOXES_INTAKE=Send@municipality.example"}},
		{"tenant id as a path", "tenants[0].id", []string{"TENANTS_0_ID=../x"}},
		{"not a zone", "tenants[0].time_zone", []string{"TENANTS_0_TIME_ZONE=Europe/Atlantis"}},
		{"no routing file", "tenants[0].routing_file", []string{"TENANTS_0_ROUTING_FILE=/none"}},
		{"twice the same tenant", "tenants[1].id", []string{"TENANTS_1_ID=municipality"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var environ []string
			for _, e := range tc.environ {
				environ = append(environ, prefix+e)
			}
			if tc.setting == "storage.keyring" {
				_, text := machine(t)
				_, err := Load(written(t, text), environ)
				if found, _ := errors.AsType[Problems](err); len(found) != 1 || found[0].Setting != tc.setting {
					t.Errorf("%v", err)
				}
				return
			}
			if wrong, err := problem(t, tc.setting, environ); wrong == "" {
				t.Errorf("%s: %v", tc.setting, err)
			}
		})
	}
}

func TestAClientSecretIsForTrials(t *testing.T) {
	dir, text := machine(t)
	path := written(t, strings.Replace(text, "certificate: "+dir, "#: certificate: "+dir, 2))
	for _, tc := range []struct {
		environ []string
		setting string
	}{
		{nil, "tenants[0].entra.certificate"},
		{[]string{prefix + "TENANTS_0_ENTRA_SECRET=s"}, "tenants[0].entra.secret"},
		{[]string{prefix + "TENANTS_0_ENTRA_SECRET=s", prefix + "MODE=trial"}, ""},
	} {
		_, err := Load(path, append(tc.environ, prefix+"STORAGE_KEYRING="+dir+"/keyring.json"))
		found, _ := errors.AsType[Problems](err)
		if tc.setting == "" && err != nil || tc.setting != "" && (len(found) != 1 || found[0].Setting != tc.setting) {
			t.Errorf("%v: %v", tc.environ, err)
		}
	}
}

// Case 26: over a network, Redis without TLS or a password stops the start.
func TestCase26RedisIsProtected(t *testing.T) {
	for _, tc := range []struct{ url, password, setting string }{
		{"redis://127.0.0.1:6379/0", "", ""},
		{"redis://localhost", "", ""},
		{"redis://[::1]:6379", "", ""},
		{"unix:///run/redis.sock", "", ""},
		{"rediss://redis.example:6380", "p", ""},
		{"rediss+sentinel://a.example:26379?master_name=m&addr=b.example:26379", "p", ""},
		{"redis://redis.example", "p", "redis.url"},
		{"redis://10.0.0.7:6379", "p", "redis.url"},
		{"redis://127.0.0.1.evil.example", "p", "redis.url"},
		{"rediss://redis.example:6380", "", "redis.password"},
		{"redis+cluster://127.0.0.1:7000?addr=10.0.0.8:7000", "p", "redis.url"},
		{"redis+cluster://127.0.0.1:7000?addr=127.0.0.1:7001", "", ""},
		{"redis://user:pass@127.0.0.1:6379", "", "redis.url"},
		{"redis+sentinel://127.0.0.1?master_name=m&password=x", "", "redis.url"},
		{"http://127.0.0.1:6379", "", "redis.url"},
		{"redis+many://127.0.0.1", "", "redis.url"},
	} {
		wrong, err := problem(t, tc.setting, []string{prefix + "REDIS_URL=" + tc.url, prefix + "REDIS_PASSWORD=" + tc.password})
		if tc.setting == "" && err != nil || tc.setting != "" && wrong == "" {
			t.Errorf("%s (%q): %v", tc.url, tc.password, err)
		}
	}
}

// Behind a proxy that nobody named, all visitors would be one.
func TestAListenerInTheClearHasAProxy(t *testing.T) {
	dir, text := machine(t)
	path := written(t, strings.Replace(text, "trusted_proxies:", "#: trusted_proxies:", 1))
	tls := []string{prefix + "TLS_CERTIFICATE=" + dir + "/tls.pem", prefix + "TLS_KEY=" + dir + "/tls.key"}
	outside := []string{prefix + "LISTEN_STAFF=10.0.0.4:8441", prefix + "LISTEN_PORTAL=10.0.0.4:8442"}
	for _, tc := range []struct {
		name, proxies, setting string
		environ                []string
	}{
		{"the defaults", "", "trusted_proxies", nil},
		{"the proxy here", "127.0.0.1", "", nil},
		{"its network", "::1/128", "", nil},
		{"another machine's", "10.0.0.5", "trusted_proxies", nil},
		{"a certificate", "", "", tls},
		{"a trial", "", "", []string{prefix + "MODE=trial"}},
		{"reachable, the proxy elsewhere", "10.0.0.0/8", "", outside},
		{"reachable, the proxy here", "127.0.0.1", "listen.portal", outside},
	} {
		_, err := Load(path, append(tc.environ, prefix+"TRUSTED_PROXIES="+tc.proxies, prefix+"STORAGE_KEYRING="+dir+"/keyring.json"))
		found, _ := errors.AsType[Problems](err)
		if tc.setting == "" && err != nil || tc.setting != "" && (len(found) == 0 || found[0].Setting != tc.setting) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestTheTrialAsksForLess(t *testing.T) {
	trial := []string{prefix + "MODE=trial", prefix + "ORIGINS_STAFF=http://127.0.0.1:8441", prefix + "ORIGINS_PORTAL=http://localhost:8442",
		prefix + "TENANTS_0_GRAPH_BASE_URL=http://127.0.0.1:9/v1.0", prefix + "ADDIN_OFFICE_JS_URL=http://127.0.0.1:1/office.js"}
	if _, err := loaded(t, trial...); err != nil {
		t.Error(err)
	}
	for setting, change := range map[string]string{"origins.portal": "ORIGINS_PORTAL=http://post.municipality.example", "listen.portal": "LISTEN_PORTAL=0.0.0.0:8442",
		"redis.url": "REDIS_URL=redis://10.0.0.7"} {
		if wrong, err := problem(t, setting, append(trial, prefix+change)); wrong == "" {
			t.Errorf("%s: %v", setting, err)
		}
	}
}

func TestTheConnectionHasTheCredentials(t *testing.T) {
	for _, tc := range []struct {
		redis Redis
		want  string
	}{
		{Redis{URL: "redis://127.0.0.1:6379/0"}, "redis://127.0.0.1:6379/0"},
		{Redis{URL: "rediss://r.example:6380/1", Password: "p@:/"}, "rediss://:p%40%3A%2F@r.example:6380/1"},
		{Redis{URL: "rediss+cluster://r.example", User: "sd", Password: "p"}, "rediss+cluster://sd:p@r.example"},
		{Redis{URL: "rediss+sentinel://r.example?master_name=m", User: "sd", Password: "p&q"}, "rediss+sentinel://sd:p&q@r.example?master_name=m&password=p%26q&username=sd"},
	} {
		if got := tc.redis.Connection(); got != tc.want {
			t.Errorf("%s: %s", tc.redis.URL, got)
		}
	}
}

func TestACheckInCode(t *testing.T) {
	c := Default()
	if c.Check() == nil {
		t.Error("the defaults alone would start")
	}
	if c.Listen.Staff != "127.0.0.1:8441" || c.Log.Format != "json" {
		t.Errorf("defaults %+v", c)
	}
}
