package manifest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// Surface is a place in Outlook where an add-in's buttons stand, by its name in
// the manifest.
type Surface string

// The surfaces that our manifest uses.
const (
	Compose    Surface = "MessageComposeCommandSurface"
	Read       Surface = "MessageReadCommandSurface"
	MobileRead Surface = "MobileMessageReadCommandSurface"
)

// Ribbon is the buttons of a manifest by surface, in their order.
type Ribbon map[Surface][]Button

// Button opens the task pane.
type Button struct {
	ID       string
	Label    string
	Tip      string         // empty on phones
	Icons    map[int]string // address by size; on phones the smallest scale of each
	TaskPane string         // address of the page
}

// Parse reads the buttons of a manifest, with their texts in a locale such as
// "da-DK" or else in the manifest's default.
func Parse(document []byte, locale string) (Ribbon, error) {
	var app officeApp
	if err := xml.Unmarshal(document, &app); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	overrides := app.Outer.Inner
	if len(overrides.Hosts) == 0 {
		return nil, errors.New("manifest: no host of version 1.1")
	}
	find := resources{overrides.Resources, locale}
	ribbon := Ribbon{}
	for _, host := range overrides.Hosts {
		for _, point := range append(host.Desktop, host.Mobile...) {
			for _, c := range point.controls() {
				button, err := find.button(c)
				if err != nil {
					return nil, err
				}
				ribbon[Surface(point.Type)] = append(ribbon[Surface(point.Type)], button)
			}
		}
	}
	return ribbon, nil
}

// SendEvent is the page that runs when a message is about to leave, and the
// function in it; ok is false for a manifest without one.
func SendEvent(document []byte) (page, function string, ok bool) {
	var app officeApp
	if err := xml.Unmarshal(document, &app); err != nil {
		return "", "", false
	}
	inner := app.Outer.Inner
	find := resources{inner.Resources, ""}
	for _, host := range inner.Hosts {
		for _, point := range host.Desktop {
			for _, e := range point.Events {
				if e.Type == "OnMessageSend" {
					page, err := find.value(find.URLs, point.Page)
					return page, e.Function, err == nil
				}
			}
		}
	}
	return "", "", false
}

type officeApp struct {
	Outer struct {
		Inner struct {
			Hosts     []hostElement `xml:"Hosts>Host"`
			Resources resourceLists `xml:"Resources"`
		} `xml:"VersionOverrides"`
	} `xml:"VersionOverrides"`
}

type hostElement struct {
	Desktop []extensionPoint `xml:"DesktopFormFactor>ExtensionPoint"`
	Mobile  []extensionPoint `xml:"MobileFormFactor>ExtensionPoint"`
}

type extensionPoint struct {
	Type   string    `xml:"type,attr"`
	Tabbed []control `xml:"OfficeTab>Group>Control"`
	Bare   []control `xml:"Group>Control"`
	Page   reference `xml:"SourceLocation"`
	Events []struct {
		Type     string `xml:"Type,attr"`
		Function string `xml:"FunctionName,attr"`
	} `xml:"LaunchEvents>LaunchEvent"`
}

func (p extensionPoint) controls() []control { return append(p.Tabbed, p.Bare...) }

type control struct {
	ID    string    `xml:"id,attr"`
	Label reference `xml:"Label"`
	Tip   reference `xml:"Supertip>Description"`
	Icons []struct {
		Size  int `xml:"size,attr"`
		Scale int `xml:"scale,attr"`
		reference
	} `xml:"Icon>Image"`
	Page reference `xml:"Action>SourceLocation"`
}

type reference struct {
	ID string `xml:"resid,attr"`
}

type resourceLists struct {
	Images []resourceElement `xml:"Images>Image"`
	URLs   []resourceElement `xml:"Urls>Url"`
	Short  []resourceElement `xml:"ShortStrings>String"`
	Long   []resourceElement `xml:"LongStrings>String"`
}

type resourceElement struct {
	ID        string `xml:"id,attr"`
	Default   string `xml:"DefaultValue,attr"`
	Overrides []struct {
		Locale string `xml:"Locale,attr"`
		Value  string `xml:"Value,attr"`
	} `xml:"Override"`
}

// resources looks references up, in one locale.
type resources struct {
	resourceLists
	locale string
}

func (r resources) button(c control) (Button, error) {
	b := Button{ID: c.ID, Icons: map[int]string{}}
	var faults [3]error
	b.Label, faults[0] = r.value(r.Short, c.Label)
	b.TaskPane, faults[1] = r.value(r.URLs, c.Page)
	if c.Tip.ID != "" {
		b.Tip, faults[2] = r.value(r.Long, c.Tip)
	}
	for _, icon := range c.Icons {
		if icon.Scale > 1 {
			continue
		}
		address, err := r.value(r.Images, icon.reference)
		if err != nil {
			return Button{}, err
		}
		b.Icons[icon.Size] = address
	}
	return b, errors.Join(faults[:]...)
}

func (r resources) value(list []resourceElement, ref reference) (string, error) {
	for _, resource := range list {
		if resource.ID != ref.ID {
			continue
		}
		for _, o := range resource.Overrides {
			if strings.EqualFold(o.Locale, r.locale) {
				return o.Value, nil
			}
		}
		return resource.Default, nil
	}
	return "", fmt.Errorf("manifest: no resource %q", ref.ID)
}
