package config

import "testing"

func TestPlaces(t *testing.T) {
	for address, want := range map[string]Place{
		"file:///var/lib/x":                          {Kind: Directory, Root: "/var/lib/x"},
		"s3://bucket?region=eu-north-1":              {Kind: S3Bucket, Root: "bucket", Region: "eu-north-1"},
		"s3://bucket/a/b/?endpoint=https://s3.test/": {Kind: S3Bucket, Root: "bucket", Path: "a/b", Endpoint: "https://s3.test"},
		"azblob://account/container/prefix":          {Kind: AzureBlobs, Root: "account", Path: "container/prefix"},
	} {
		if got, err := ParsePlace(address); err != nil || got != want {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	for _, address := range []string{"", "file://host/x", "file:x", "file:///x?a=b", "s3:///x", "azblob:///c", "http://x", "%"} {
		if got, err := ParsePlace(address); err == nil {
			t.Errorf("%q is read as %+v", address, got)
		}
	}
}
