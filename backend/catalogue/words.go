package catalogue

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"senddigitally/backend/transfer"
)

//go:embed locales
var locales embed.FS

// Languages are the languages that there are words in. The first is used where
// none of a reader's languages is among them.
func Languages() []string { return []string{"en", "da", "nb", "sv", "de", "nl"} }

var tags = func() []language.Tag {
	var out []language.Tag
	for _, code := range Languages() {
		out = append(out, language.MustParse(code))
	}
	return out
}()

var nynorsk, _ = language.MustParse("nn").Base()

var matcher = language.NewMatcher(tags)

// Words speaks one language.
type Words struct {
	tag       language.Tag
	localizer *i18n.Localizer
	printer   *message.Printer
	zone      *time.Location
}

// For picks the words for a reader: the preferences in order, each a BCP 47 tag
// or a whole Accept-Language header (RFC 9110, 12.5.4). What cannot be read is
// passed over.
func For(preferences ...string) Words {
	var wanted []language.Tag
	for _, preference := range preferences {
		parsed, _, err := language.ParseAcceptLanguage(preference)
		if err == nil {
			wanted = append(wanted, parsed...)
		}
	}
	for i, tag := range wanted {
		if base, _ := tag.Base(); base == nynorsk {
			wanted[i] = language.Norwegian // the other written Norwegian, before any foreign language
		}
	}
	_, index, _ := matcher.Match(wanted...)
	return all()[index]
}

// Language is the BCP 47 tag of the words, for a lang attribute.
func (w Words) Language() string { return w.tag.String() }

// In are the same words with the moments of Error in a time zone; it is UTC
// otherwise.
func (w Words) In(zone *time.Location) Words {
	w.zone = zone
	return w
}

// Text is the words for a key, with its placeholders filled in.
func (w Words) Text(key string, params map[string]any) string {
	return w.say(&i18n.LocalizeConfig{MessageID: key, TemplateData: params})
}

// Standing says how a file stands in the check for malware; "" where there is
// nothing to say.
func (w Words) Standing(s transfer.Standing) string {
	if s.Word == "" {
		return ""
	}
	return w.Text("check."+s.Word, map[string]any{"malware": s.Malware})
}

// Plural is the words for a key that counts. The placeholder {{.count}} is the
// number in the language's notation.
func (w Words) Plural(key string, count int, params map[string]any) string {
	data := map[string]any{"count": w.printer.Sprint(count)}
	for name, value := range params {
		data[name] = value
	}
	return w.say(&i18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateData: data})
}

func (w Words) say(c *i18n.LocalizeConfig) string {
	text, err := w.localizer.Localize(c)
	if err != nil {
		return c.MessageID
	}
	return text
}

// has reports whether there are words for a key.
func (w Words) has(key string) bool { return w.say(&i18n.LocalizeConfig{MessageID: key}) != key }

var all = sync.OnceValue(func() []Words {
	bundle, err := load(locales)
	if err != nil {
		panic(fmt.Sprintf("the catalogue is broken: %v", err))
	}
	var out []Words
	for _, tag := range tags {
		out = append(out, Words{tag: tag, localizer: i18n.NewLocalizer(bundle, tag.String()), printer: message.NewPrinter(tag), zone: time.UTC})
	}
	return out
})

// load reads locales/<language>/<area>.toml.
func load(files fs.FS) (*i18n.Bundle, error) {
	bundle := i18n.NewBundle(tags[0])
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	return bundle, fs.WalkDir(files, "locales", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		area := strings.TrimSuffix(path.Base(name), ".toml")
		_, err = bundle.ParseMessageFileBytes(data, area+"."+path.Base(path.Dir(name))+".toml")
		return err
	})
}
