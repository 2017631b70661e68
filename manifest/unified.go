package manifest

import (
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// unifiedVersion is the version of the unified manifest's schema
// (https://developer.microsoft.com/json-schemas/teams/v1.24/MicrosoftTeams.schema.json).
const unifiedVersion = "1.24"

// Icons of the package that the unified manifest lies in; it names them by file.
const (
	ColourIcon  = "color.png"   // 192 by 192 pixels
	OutlineIcon = "outline.png" // 32 by 32 pixels, white on transparent
)

// Unified is the unified manifest (manifest.json) of a definition, and its texts
// in the other languages by file name. Outlook on the web, new Outlook and classic
// Outlook from version 2307 read it; Outlook on Mac and phones do not, and take XML.
func Unified(d Definition) (document []byte, texts map[string][]byte, err error) {
	if err := d.Check(); err != nil {
		return nil, nil, err
	}
	d = d.complete()
	base, err := url.Parse(d.Base)
	if err != nil || base.Scheme != "https" {
		return nil, nil, errors.New("manifest: the unified manifest needs an https address")
	}
	document, err = indented(unified(d, base))
	if err != nil {
		return nil, nil, err
	}
	texts = map[string][]byte{}
	for _, t := range d.Texts[1:] {
		if texts[t.Locale+".json"], err = indented(translation(t)); err != nil {
			return nil, nil, err
		}
	}
	return document, texts, nil
}

func indented(value any) ([]byte, error) {
	text, err := json.MarshalIndent(value, "", "  ")
	return append(text, '\n'), err
}

type object = map[string]any

func unified(d Definition, base *url.URL) object {
	first := d.Texts[0]
	site := base.Scheme + "://" + base.Host
	help := d.Support
	if help == "" {
		help = site
	}
	languages := []object{}
	for _, t := range d.Texts[1:] {
		languages = append(languages, object{"languageTag": strings.ToLower(t.Locale), "file": t.Locale + ".json"})
	}
	return object{
		"$schema":          "https://developer.microsoft.com/json-schemas/teams/v" + unifiedVersion + "/MicrosoftTeams.schema.json",
		"manifestVersion":  unifiedVersion,
		"version":          semver(d.Version),
		"id":               d.AppID,
		"localizationInfo": object{"defaultLanguageTag": strings.ToLower(first.Locale), "additionalLanguages": languages},
		"developer":        object{"name": clip(d.Provider, 32), "websiteUrl": site, "privacyUrl": help, "termsOfUseUrl": help},
		"name":             object{"short": clip(first.Name, 30), "full": clip(first.Name, 100)},
		"description":      object{"short": short(first.Description), "full": first.Description},
		"icons":            object{"color": ColourIcon, "outline": OutlineIcon},
		"accentColor":      "#0b6070",
		"validDomains":     []string{base.Host},
		"authorization": object{"permissions": object{"resourceSpecific": []object{
			{"name": "MailboxItem.ReadWrite.User", "type": "Delegated"}, {"name": "Mailbox.SharedFolder", "type": "Delegated"}}}},
		"extensions": []object{extension(d)},
	}
}

func extension(d Definition) object {
	first := d.Texts[0]
	return object{
		"requirements": requires("1.8"),
		"runtimes": []object{
			{"id": "Pane", "type": "general", "lifetime": "short", "code": object{"page": d.Base + "/taskpane.html"},
				"actions": []object{{"id": "OpenPane", "type": "openPage", "view": "Pane", "pinnable": false}}},
			{"id": "Event", "type": "general", "lifetime": "short", "requirements": requires("1.12"),
				"code":    object{"page": d.Base + "/onsend.html", "script": d.Base + "/onsend.js"},
				"actions": []object{{"id": "onMessageSend", "type": "executeFunction"}}},
		},
		"ribbons": []object{
			ribbon(d, "mailCompose", "Send", first.Name, first.SendTip),
			ribbon(d, "mailRead", "Read", first.ReadName, first.ReadTip),
		},
		"autoRunEvents": []object{{"requirements": requires("1.12"), "events": []object{
			{"type": "messageSending", "actionId": "onMessageSend", "options": object{"sendMode": "block"}}}}},
	}
}

func requires(mailbox string) object {
	return object{"scopes": []string{"mail"}, "capabilities": []object{{"name": "Mailbox", "minVersion": mailbox}}}
}

func ribbon(d Definition, context, id, label, tip string) object {
	icons := []object{}
	for _, size := range []int{16, 32, 80} {
		icons = append(icons, object{"size": size, "url": d.Base + "/icons/icon-" + strconv.Itoa(size) + ".png"})
	}
	button := object{"id": id + ".Button", "type": "button", "label": clip(label, 64), "icons": icons, "actionId": "OpenPane",
		"supertip": object{"title": clip(label, 64), "description": tip}}
	group := object{"id": id + ".Group", "label": clip(d.Texts[0].Name, 64), "icons": icons, "controls": []object{button}}
	return object{"contexts": []string{context}, "requirements": requires("1.8"),
		"tabs": []object{{"builtInTabId": "TabDefault", "groups": []object{group}}}}
}

// translation is one language's texts, by their paths in the manifest.
func translation(t Text) object {
	out := object{
		"$schema":    "https://developer.microsoft.com/json-schemas/teams/v" + unifiedVersion + "/MicrosoftTeams.Localization.schema.json",
		"name.short": clip(t.Name, 30), "name.full": clip(t.Name, 100),
		"description.short": short(t.Description), "description.full": t.Description,
	}
	for i, words := range [][2]string{{t.Name, t.SendTip}, {t.ReadName, t.ReadTip}} {
		group := "extensions[0].ribbons[" + strconv.Itoa(i) + "].tabs[0].groups[0]."
		out[group+"label"] = clip(t.Name, 64)
		out[group+"controls[0].label"] = clip(words[0], 64)
		out[group+"controls[0].supertip.title"] = clip(words[0], 64)
		out[group+"controls[0].supertip.description"] = words[1]
	}
	return out
}

// short is the first sentence of a description, in the 80 characters that there are.
func short(description string) string {
	first, _, more := strings.Cut(description, ". ")
	if more {
		first += "."
	}
	return clip(first, 80)
}

func clip(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}

// semver is a version in the three numbers that the unified manifest takes.
func semver(version string) string {
	parts := append(strings.Split(version, "."), "0", "0")
	return strings.Join(parts[:3], ".")
}
