package e2e_test

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"senddigitally/backend/sandbox"
	"senddigitally/backend/sandbox/outlook"
)

// frozen is all that a visitor could consume: the ledger with its counters, and
// the names of everything in the vault. Rates of requests and sessions are no
// part of it: they open nothing and belong to the visitor.
func (w *world) frozen() map[string]string {
	w.t.Helper()
	state := w.dump()
	maps.DeleteFunc(state, func(key, _ string) bool { return strings.Contains(key, "look/") || strings.Contains(key, "code/") })
	for _, folder := range []string{"vault", "keys"} {
		for _, name := range w.files(folder) {
			content, err := os.ReadFile(name)
			must(w.t, err)
			state[name] = string(content)
		}
	}
	return state
}

// dump is every key of Redis with its value.
func (w *world) dump() map[string]string {
	w.t.Helper()
	all := map[string]string{}
	for keys := w.redis.Scan(w.t.Context(), 0, "*", 1000).Iterator(); keys.Next(w.t.Context()); {
		key := keys.Val()
		switch kind := w.redis.Type(w.t.Context(), key).Val(); kind {
		case "string":
			all[key] = w.redis.Get(w.t.Context(), key).Val()
		case "hash":
			fields := w.redis.HGetAll(w.t.Context(), key).Val()
			for _, field := range slices.Sorted(maps.Keys(fields)) {
				all[key] += field + "=" + fields[field] + "\n"
			}
		case "zset":
			for _, z := range w.redis.ZRangeWithScores(w.t.Context(), key, 0, -1).Val() {
				all[key] += z.Member.(string) + "\n"
			}
		case "set":
			all[key] = strings.Join(slices.Sorted(slices.Values(w.redis.SMembers(w.t.Context(), key).Val())), "\n")
		case "list":
			all[key] = strings.Join(w.redis.LRange(w.t.Context(), key, 0, -1).Val(), "\n")
		default:
			w.t.Fatalf("Redis has a key of the kind %s, which this test does not read", kind)
		}
	}
	return all
}

func (w *world) unchanged(before map[string]string, by string) {
	w.t.Helper()
	now := w.frozen()
	for name, value := range now {
		if was, there := before[name]; !there || was != value {
			w.t.Errorf("%s changed %q", by, name)
		}
	}
	for name := range before {
		if _, there := now[name]; !there {
			w.t.Errorf("%s removed %q", by, name)
		}
	}
}

// notified lets the workers do their part, and no more, and answers the link.
func (w *world) notified(s sent, mailbox string) string {
	w.t.Helper()
	stop := w.work(w.System)
	defer stop()
	link := w.link(mailbox, 0)
	w.until("the outcome is journalled", func() bool { return w.transfer(s.ID).Recipients[0].State == "notified" })
	return link
}

// looks are what scanners and browsers do with a link on their own.
func looks(link string) map[string]func(w *world) *http.Request {
	get := func(method string, header http.Header) func(w *world) *http.Request {
		return func(w *world) *http.Request { return w.request(method, link, nil, header) }
	}
	post := func(kind, body string) func(w *world) *http.Request {
		return func(w *world) *http.Request {
			return w.request("POST", link, strings.NewReader(body), http.Header{"Content-Type": {kind}})
		}
	}
	const form = "application/x-www-form-urlencoded"
	return map[string]func(w *world) *http.Request{
		"HEAD":                get("HEAD", nil),
		"GET":                 get("GET", nil),
		"OPTIONS":             get("OPTIONS", http.Header{"Access-Control-Request-Method": {"POST"}}),
		"PUT":                 get("PUT", nil),
		"a prefetch":          get("GET", http.Header{"Sec-Purpose": {"prefetch;prerender"}, "Purpose": {"prefetch"}, "X-Moz": {"prefetch"}}),
		"a scanner's GET":     get("GET", http.Header{"User-Agent": {"Mozilla/5.0 (compatible; link scanner)"}, "X-Forwarded-For": {"192.0.2.7"}}),
		"an empty form":       post(form, ""),
		"a form as it stands": post(form, url.Values{"code": {""}}.Encode()),
		"a form of spaces":    post(form, url.Values{"code": {"  - \t"}}.Encode()),
		"other fields":        post(form, "email=scanner%40example.org&submit=Open"),
		"JSON":                post("application/json", `{"code":""}`),
	}
}

func TestCase49_LookingAtALinkConsumesAndRevealsNothing(t *testing.T) {
	const subject, text = "Decision about the application", "the body of the message"
	w := newWorld(t, idle)
	for _, kind := range []string{"generated", "password"} {
		request := letter(subject, text, kind+"@post.example")
		request["options"] = object{"language": "en", "code": kind, "password": map[string]string{"password": "plum harbour seventeen"}[kind]}
		s := w.send(request)
		link := w.notified(s, kind+"@post.example")
		before := w.frozen()
		for name, look := range looks(link) {
			for range 2 { // together more than the wrong codes that lock a link
				a := w.exchange(w.citizen().http, look(w))
				if a.status == http.StatusInternalServerError || a.header.Get("Set-Cookie") != "" && strings.Contains(a.header.Get("Set-Cookie"), "session") {
					t.Errorf("%s: %s answers %d and %q", kind, name, a.status, a.header.Get("Set-Cookie"))
				}
				for _, secret := range []string{subject, text, outlook.Caseworker, kind + "@post.example", "Caseworker"} {
					if strings.Contains(a.body, secret) {
						t.Errorf("%s: %s reveals %q", kind, name, secret)
					}
				}
			}
			w.unchanged(before, kind+": "+name)
		}
		code := s.Code + map[string]string{"password": "plum harbour seventeen"}[kind]
		if page := w.citizen().open(link, code); !strings.Contains(page.body, subject) {
			t.Errorf("%s: after all that the right code answers %d", kind, page.status)
		}
	}
}

func TestCase49_AButtonThatNeedsNoCodeRevealsAndCountsNothing(t *testing.T) {
	w := newWorld(t, idle)
	request := letter("Decision", "the body of the message", outlook.Citizen)
	request["options"] = object{"language": "en", "code": "none"}
	s := w.send(request)
	link := w.notified(s, outlook.Citizen)
	if page := w.citizen().get(link); strings.Contains(page.body, "the body of the message") {
		t.Error("a look reveals the message")
	}
	vault := w.files("vault")
	c := w.citizen()
	if page := c.open(link, ""); !strings.Contains(page.body, "the body of the message") {
		t.Fatalf("the button answers %d", page.status)
	}
	c.get(w.seat(s.ID) + "/files/body")
	if now := w.files("vault"); !slices.Equal(now, vault) {
		t.Errorf("pressing the button was journalled: %d blobs, not %d", len(now), len(vault))
	}
	if got := w.transfer(s.ID).Recipients[0].State; got != "notified" {
		t.Errorf("pressing the button made the recipient %q", got)
	}
}

// A download, or an archive of all files, that is under way at the expiry comes
// whole, of however many parts; whoever comes later finds nothing, and when it
// has been read the bytes go too.
func TestCase45_ADownloadAcrossTheExpiryFinishesAndTheNextIsRefused(t *testing.T) {
	for name, path := range map[string]string{"one file": "/files/u1", "all files": "/all.zip"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *sandbox.Options) { o.PartSize = 1 << 20 })
			content := random(16 << 20) // more than lies in the buffers of a connection
			key, request := submission(), letter("Decision", "text", outlook.Citizen)
			for id, content := range map[string][]byte{"u1": content, "u2": content[:3<<20]} {
				if a := w.upload(key, id, id+".mp4", "video/mp4", content); a.status != http.StatusCreated {
					t.Fatalf("the upload is answered %d %s", a.status, a.body)
				}
			}
			request["uploads"] = []string{"u1", "u2"}
			s := w.accepted(w.api("POST", "/api/v1/transfers", request, idempotent(key)).transfer(w).ID)
			link := w.link(outlook.Citizen, 0)
			c := w.citizen()
			c.open(link, s.Code)
			address := w.seat(s.ID) + path
			whole := c.get(address).body
			w.change(s.ID, "extend", object{"expiresAt": w.now().Add(30 * time.Second)})

			response, err := c.http.Do(w.request("GET", address, nil, nil))
			must(t, err)
			defer response.Body.Close()
			received := make([]byte, 1<<20)
			read(t, response, received)
			w.pass(30 * time.Second)
			if swept, err := w.System.Expiring.Sweep(t.Context()); err != nil || swept.Read != 1 {
				t.Errorf("the sweep did %+v, %v", swept, err)
			}
			for _, address := range []string{address, link, w.seat(s.ID)} {
				if a := c.get(address); a.status != http.StatusGone || !strings.Contains(a.body, "Ask for a new link") {
					t.Errorf("after the expiry %s answers %d", address, a.status)
				}
			}
			rest, err := io.ReadAll(response.Body)
			if err != nil || string(received)+string(rest) != whole {
				t.Errorf("the download broke off or differs from what was sent: %v", err)
			}
			w.until("the bytes are gone too", func() bool {
				w.pass(time.Minute)
				_, err := w.System.Expiring.Sweep(t.Context())
				blobs, keys := w.storedBlobs(s.ID)
				return err == nil && len(blobs)+len(keys) == 0
			})
		})
	}
}
