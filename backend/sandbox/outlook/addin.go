package outlook

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"senddigitally/manifest"
)

// addin is what Outlook takes from the manifest in one display language: who the
// add-in is and which buttons it wants where.
type addin struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Shared  bool     `json:"shared"` // works in shared mailboxes
	Buttons []button `json:"buttons"`

	SendEvent *sendEvent `json:"sendEvent,omitempty"`
}

// sendEvent is what Outlook runs before a message leaves.
type sendEvent struct {
	Page     string `json:"page"`
	Function string `json:"function"`
}

// button is one command on a surface: "compose", "read" or "phone".
type button struct {
	ID      string `json:"id"`
	Surface string `json:"surface"`
	Label   string `json:"label"`
	Tip     string `json:"tip"`
	Icon    string `json:"icon"` // address of the picture
	Pane    string `json:"pane"` // address of the task pane
}

// customProperties is the extended property in which Outlook keeps an add-in's custom
// properties of an item (Microsoft Learn, "Get and set add-in metadata for an Outlook
// add-in": property set {00020329-…}, name cecp-<add-in id>, JSON).
func (s *server) customProperties() string {
	return "String {00020329-0000-0000-C000-000000000046} Name cecp-" + s.addins[Languages[0]].ID
}

var surfaces = []struct {
	surface manifest.Surface
	name    string
}{{manifest.Compose, "compose"}, {manifest.Read, "read"}, {manifest.MobileRead, "phone"}}

// readManifest answers the add-in in every display language; none for no manifest.
func readManifest(document []byte) (map[string]addin, error) {
	addins := map[string]addin{}
	if len(document) == 0 {
		return addins, nil
	}
	var m identity
	if err := xml.Unmarshal(document, &m); err != nil {
		return nil, fmt.Errorf("outlook: manifest: %w", err)
	}
	for _, language := range Languages {
		ribbon, err := manifest.Parse(document, language)
		if err != nil {
			return nil, err
		}
		a := addin{ID: strings.TrimSpace(m.ID), Name: m.name(language), Shared: m.Shared, Buttons: []button{}}
		for _, s := range surfaces {
			for _, b := range ribbon[s.surface] {
				a.Buttons = append(a.Buttons, button{b.ID, s.name, b.Label, b.Tip, largest(b.Icons), b.TaskPane})
			}
		}
		if page, function, ok := manifest.SendEvent(document); ok {
			a.SendEvent = &sendEvent{page, function}
		}
		addins[language] = a
	}
	return addins, nil
}

func largest(icons map[int]string) string {
	if len(icons) == 0 {
		return ""
	}
	return icons[slices.Max(slices.Collect(maps.Keys(icons)))]
}

// identity is what a manifest says besides its buttons.
type identity struct {
	ID     string `xml:"Id"`
	Shared bool   `xml:"VersionOverrides>VersionOverrides>Hosts>Host>DesktopFormFactor>SupportsSharedFolders"`
	Name   struct {
		Default   string `xml:"DefaultValue,attr"`
		Overrides []struct {
			Locale string `xml:"Locale,attr"`
			Value  string `xml:"Value,attr"`
		} `xml:"Override"`
	} `xml:"DisplayName"`
}

func (m identity) name(language string) string {
	for _, o := range m.Name.Overrides {
		if o.Locale == language {
			return o.Value
		}
	}
	return m.Name.Default
}
