package config

import (
	"errors"
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// Place is where blobs lie.
type Place struct {
	Kind     PlaceKind
	Root     string // a directory; a bucket; an account
	Path     string // below it: a prefix, or container and prefix
	Endpoint string // of another service than the kind's own; "" for that
	Region   string // of S3
}

// PlaceKind says which driver serves a place.
type PlaceKind string

// The kinds of places.
const (
	Directory  PlaceKind = "file"
	S3Bucket   PlaceKind = "s3"
	AzureBlobs PlaceKind = "azblob"
)

var errPlace = errors.New("write file:// and an absolute path, s3://bucket/prefix?region=…, or azblob://account/container/prefix")

// ParsePlace reads storage.blobs or storage.keys. Its errors say what to write.
func ParsePlace(address string) (Place, error) {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return Place{}, errPlace
	}
	p := Place{Kind: PlaceKind(u.Scheme), Root: u.Host, Path: strings.Trim(u.Path, "/"),
		Endpoint: strings.TrimSuffix(u.Query().Get("endpoint"), "/"), Region: u.Query().Get("region")}
	switch p.Kind {
	case Directory:
		if p.Root, p.Path = u.Path, ""; u.Host != "" || !filepath.IsAbs(u.Path) || u.RawQuery != "" {
			return Place{}, errPlace
		}
	case S3Bucket:
		if p.Root == "" || p.Region == "" && p.Endpoint == "" {
			return Place{}, errPlace
		}
	case AzureBlobs:
		if p.Root == "" || p.Path == "" {
			return Place{}, errPlace
		}
	default:
		return Place{}, errPlace
	}
	return p, nil
}

// checkPlace holds the rules for one of the places.
func (c *Config) checkPlace(p *Problems, setting, address string) {
	place, err := ParsePlace(address)
	if err != nil {
		p.add(setting, "not_place", nil)
		return
	}
	if place.Endpoint != "" {
		secure(p, setting, place.Endpoint, c.Mode)
	}
	if place.Kind == S3Bucket && (c.Storage.S3AccessKey == "" || c.Storage.S3SecretKey == "") {
		p.add("storage.s3_secret_key", "missing_s3", Params{"other": setting})
	}
}

// InKeyring is the value of storage.kek for the keyring's own keys.
const InKeyring = "keyring"

func (c *Config) checkKEK(p *Problems) {
	u, err := url.Parse(c.Storage.KEK)
	if c.Storage.KEK == InKeyring || err == nil && u.Scheme == "https" && u.Host != "" && path.Dir(u.Path) == "/keys" {
		return
	}
	p.add("storage.kek", "not_kek", nil)
}

// placeOf is a place without its query, for comparison.
func placeOf(address string) string {
	place, _, _ := strings.Cut(address, "?")
	return place
}
