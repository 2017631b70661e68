package s3

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"senddigitally/backend/blob"
	"senddigitally/backend/blob/blobtest"
)

const accessKey, secretKey = "tester", "a secret of the test"

// gateway runs a real S3 server on a directory.
func gateway(t *testing.T) Place {
	t.Helper()
	binary := blobtest.Tool(t, "bin/versitygw")
	host, port := blobtest.FreeAddress(t)
	dir := t.TempDir()
	for _, sub := range []string{"objects"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(binary, "--port", host+":"+port, "--quiet", "posix", filepath.Join(dir, "objects"))
	command.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	blobtest.Serve(t, host+":"+port, command)
	return Place{Endpoint: "http://" + host + ":" + port, Region: "us-east-1", AccessKeyID: accessKey, SecretKey: secretKey}
}

func (p Place) made(t *testing.T, name string) Place {
	t.Helper()
	p.Bucket = name
	if _, err := s3.New(p.options()).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(name)}); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConformance(t *testing.T) {
	g, n := gateway(t), 0
	blobtest.Run(t, func(t *testing.T) blob.Store {
		n++
		p := g.made(t, "bucket-"+string(rune('a'+n)))
		p.Prefix = "installation/blobs"
		s, err := Open(t.Context(), p, "test")
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestOnlyTheOwnerOpensABucket(t *testing.T) {
	p := gateway(t).made(t, "owned")
	open := func(p Place, owner string) error {
		_, err := Open(t.Context(), p, owner)
		return err
	}
	if err := open(p, "one"); err != nil {
		t.Fatal(err)
	}
	if err := open(p, "one"); err != nil {
		t.Errorf("the owner, again: %v", err)
	}
	if err := open(p, "two"); err == nil || !strings.Contains(err.Error(), "another installation") {
		t.Errorf("another owner: %v", err)
	}
	below := p
	below.Prefix = "keys"
	if err := open(below, "two"); err != nil {
		t.Errorf("another prefix of the same bucket: %v", err)
	}
}

func TestContentWithoutAMarkerIsRefused(t *testing.T) {
	p := gateway(t).made(t, "foreign")
	b := &bucket{name: &p.Bucket, client: s3.New(p.options())}
	if err := b.Put(t.Context(), "letter.txt", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), p, "one"); err == nil || !strings.Contains(err.Error(), "no marker") {
		t.Errorf("opened: %v", err)
	}
}

// A permission that was lost is an error of every call and shows no secret.
func TestARefusalShowsNoSecret(t *testing.T) {
	p := gateway(t).made(t, "closed")
	p.SecretKey = "another secret"
	_, err := Open(context.WithoutCancel(t.Context()), p, "one")
	if err == nil || strings.Contains(err.Error(), "another secret") {
		t.Errorf("a wrong key: %v", err)
	}
}
