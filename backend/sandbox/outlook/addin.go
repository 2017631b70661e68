package outlook

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// addin is what Outlook takes from the manifest: who the add-in is and which
// buttons it wants where.
type addin struct {
	ID      string   `json:"id"`
	Name    words    `json:"name"`
	Buttons []button `json:"buttons"`
	Shared  bool     `json:"shared"` // works in shared mailboxes
}

// words is a text by language; "" holds the manifest's default.
type words map[string]string

// button is one command on a surface. Surface is "compose" or "read".
type button struct {
	ID      string `json:"id"`
	Surface string `json:"surface"`
	Label   words  `json:"label"`
	Tip     words  `json:"tip"`
	Icon    words  `json:"icon"` // address of the picture
	Pane    words  `json:"pane"` // address of the task pane
}

// customProperties is the extended property in which Outlook keeps an add-in's custom
// properties of an item (Microsoft Learn, "Get and set add-in metadata for an Outlook
// add-in": property set {00020329-…}, name cecp-<add-in id>, JSON).
func (s *server) customProperties() string {
	id := ""
	if s.addin != nil {
		id = s.addin.ID
	}
	return "String {00020329-0000-0000-C000-000000000046} Name cecp-" + id
}

// The manifest's parts that matter here, in their order of appearance (Microsoft
// Learn, "Office Add-ins manifest", MailAppVersionOverridesV1_0 and V1_1).
type manifestXML struct {
	ID          string      `xml:"Id"`
	DisplayName localXML    `xml:"DisplayName"`
	Overrides   overrideXML `xml:"VersionOverrides"`
}

type overrideXML struct {
	Newer  *overrideXML `xml:"VersionOverrides"`
	Shared bool         `xml:"Hosts>Host>DesktopFormFactor>SupportsSharedFolders"`
	Points []pointXML   `xml:"Hosts>Host>DesktopFormFactor>ExtensionPoint"`
	Images []localXML   `xml:"Resources>Images>Image"`
	URLs   []localXML   `xml:"Resources>Urls>Url"`
	Short  []localXML   `xml:"Resources>ShortStrings>String"`
	Long   []localXML   `xml:"Resources>LongStrings>String"`
}

type pointXML struct {
	Type     string       `xml:"type,attr"`
	Controls []controlXML `xml:"OfficeTab>Group>Control"`
}

type controlXML struct {
	ID    string   `xml:"id,attr"`
	Label resXML   `xml:"Label"`
	Tip   resXML   `xml:"Supertip>Description"`
	Icons []resXML `xml:"Icon>Image"`
	Type  string   `xml:"type,attr"`
	Act   struct {
		Type   string `xml:"type,attr"`
		Source resXML `xml:"SourceLocation"`
	} `xml:"Action"`
}

type resXML struct {
	ID   string `xml:"resid,attr"`
	Size int    `xml:"size,attr"`
}

type localXML struct {
	ID        string `xml:"id,attr"`
	Default   string `xml:"DefaultValue,attr"`
	Overrides []struct {
		Locale string `xml:"Locale,attr"`
		Value  string `xml:"Value,attr"`
	} `xml:"Override"`
}

var surfaces = map[string]string{
	"MessageComposeCommandSurface": "compose",
	"MessageReadCommandSurface":    "read",
}

// parseManifest reads an add-in-only manifest; nothing answers nil, no add-in.
func parseManifest(text []byte) (*addin, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var m manifestXML
	if err := xml.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("outlook: manifest: %w", err)
	}
	newest := m.Overrides
	for newest.Newer != nil {
		newest = *newest.Newer
	}
	a := &addin{ID: strings.TrimSpace(m.ID), Name: m.DisplayName.words(), Shared: newest.Shared}
	for _, point := range newest.Points {
		surface := surfaces[point.Type]
		for _, c := range point.Controls {
			if surface != "" && c.Act.Type == "ShowTaskpane" {
				a.Buttons = append(a.Buttons, newest.button(surface, c))
			}
		}
	}
	return a, nil
}

func (o overrideXML) button(surface string, c controlXML) button {
	return button{
		ID:      c.ID,
		Surface: surface,
		Label:   pick(o.Short, c.Label.ID),
		Tip:     pick(o.Long, c.Tip.ID),
		Icon:    pick(o.Images, largest(c.Icons)),
		Pane:    pick(o.URLs, c.Act.Source.ID),
	}
}

func largest(icons []resXML) string {
	best := resXML{}
	for _, icon := range icons {
		if icon.Size > best.Size {
			best = icon
		}
	}
	return best.ID
}

func pick(list []localXML, id string) words {
	for _, l := range list {
		if l.ID == id {
			return l.words()
		}
	}
	return words{}
}

func (l localXML) words() words {
	w := words{"": l.Default}
	for _, o := range l.Overrides {
		w[o.Locale] = o.Value
	}
	return w
}
