// Package s3 keeps blobs in a bucket of Amazon S3 or of what speaks its
// protocol, with conditional writes (If-None-Match: *).
//
// Invariant: see package object. The service must honour If-None-Match on
// PutObject and CompleteMultipartUpload; [Open] tries it, and refuses one that
// does not.
//
// Failure: what the service refuses is an error without credentials in it.
package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"senddigitally/backend/blob/object"
)

// Place is where a bucket is and who comes to it.
type Place struct {
	Bucket, Prefix string
	Endpoint       string // of another service than Amazon's; "" for Amazon's
	Region         string
	AccessKeyID    string
	SecretKey      string
}

// Open opens the place for owner; see object.Open.
func Open(ctx context.Context, p Place, owner string) (*object.Store, error) {
	b := &bucket{name: aws.String(p.Bucket), client: s3.New(p.options())}
	store, err := object.Open(ctx, b, p.Prefix, owner)
	if err != nil {
		return nil, err
	}
	return store, b.conditional(ctx, p.Prefix)
}

// Look says what would keep Open from opening the place, and changes nothing.
func Look(ctx context.Context, p Place, owner string) error {
	return object.Look(ctx, &bucket{name: aws.String(p.Bucket), client: s3.New(p.options())}, p.Prefix, owner)
}

func (p Place) options() s3.Options {
	o := s3.Options{Region: p.Region, HTTPClient: newClient(), RetryMaxAttempts: 4,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: p.AccessKeyID, SecretAccessKey: p.SecretKey}, nil
		})}
	if p.Endpoint != "" {
		o.BaseEndpoint, o.UsePathStyle = aws.String(p.Endpoint), true
	}
	return o
}

// newClient bounds the waits for a connection and for an answer to begin.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 64, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: 60 * time.Second}}
}

type bucket struct {
	name   *string
	client *s3.Client
}

// conditional puts over the marker, which must be refused.
func (b *bucket) conditional(ctx context.Context, prefix string) error {
	if prefix != "" {
		prefix += "/"
	}
	if err := b.Put(ctx, prefix+".senddigitally", []byte("overwritten")); !errors.Is(err, fs.ErrExist) {
		return errors.Join(errors.New("the service does not honour If-None-Match and cannot be used"), err)
	}
	return nil
}

func once(o *s3.Options) { o.RetryMaxAttempts = 1 }

// Put implements object.Bucket.
func (b *bucket) Put(ctx context.Context, key string, content []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: b.name, Key: &key, Body: bytes.NewReader(content),
		ContentLength: aws.Int64(int64(len(content))), IfNoneMatch: aws.String("*")}, once)
	return b.taken(ctx, key, err)
}

// taken tells a key that is taken from one that is being contended for: S3
// answers 409 while another conditional write is under way, and a refusal may
// be about a blob, or a folder of a gateway, that is on its way out.
func (b *bucket) taken(ctx context.Context, key string, err error) error {
	switch code(err) {
	case "PreconditionFailed", "ConditionalRequestConflict":
		if _, absent := b.Size(ctx, key); absent == nil {
			return fs.ErrExist
		}
	}
	return failure(err)
}

// Begin implements object.Bucket.
func (b *bucket) Begin(ctx context.Context, key string) (object.Upload, error) {
	began, err := b.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: b.name, Key: &key})
	if err != nil {
		return nil, failure(err)
	}
	return &upload{bucket: b, key: key, id: began.UploadId}, nil
}

// Read implements object.Bucket.
func (b *bucket) Read(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: b.name, Key: &key}
	if length > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	} else if offset > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	out, err := b.client.GetObject(ctx, in)
	if code(err) == "InvalidRange" {
		return nil, object.ErrRange
	}
	if err != nil {
		return nil, failure(err)
	}
	return out.Body, nil
}

// Size implements object.Bucket.
func (b *bucket) Size(ctx context.Context, key string) (int64, error) {
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: b.name, Key: &key})
	if err != nil {
		return 0, failure(err)
	}
	return aws.ToInt64(out.ContentLength), nil
}

// Keys implements object.Bucket; S3 lists in the order of the keys' bytes.
func (b *bucket) Keys(ctx context.Context, prefix, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		in := &s3.ListObjectsV2Input{Bucket: b.name, Prefix: &prefix}
		if after != "" {
			in.StartAfter = &after
		}
		for pages := s3.NewListObjectsV2Paginator(b.client, in); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield("", failure(err))
				return
			}
			for _, o := range page.Contents {
				if !yield(aws.ToString(o.Key), nil) {
					return
				}
			}
		}
	}
}

// Delete implements object.Bucket.
func (b *bucket) Delete(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b.name, Key: &key})
	if errors.Is(failure(err), fs.ErrNotExist) {
		return nil
	}
	return failure(err)
}

func code(err error) string {
	if answered, ok := errors.AsType[smithy.APIError](err); ok {
		return answered.ErrorCode()
	}
	return ""
}

func failure(err error) error {
	switch code(err) {
	case "NoSuchKey", "NotFound":
		return fs.ErrNotExist
	}
	return err
}

// upload is a multipart upload.
type upload struct {
	*bucket
	key   string
	id    *string
	parts []types.CompletedPart
}

// Chunk implements object.Upload.
func (u *upload) Chunk(ctx context.Context, number int, content []byte) error {
	out, err := u.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: u.name, Key: &u.key, UploadId: u.id, PartNumber: aws.Int32(int32(number)),
		Body: bytes.NewReader(content), ContentLength: aws.Int64(int64(len(content)))})
	if err != nil {
		return err
	}
	u.parts = append(u.parts, types.CompletedPart{ETag: out.ETag, PartNumber: aws.Int32(int32(number))})
	return nil
}

// Commit implements object.Upload.
func (u *upload) Commit(ctx context.Context) error {
	_, err := u.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: u.name, Key: &u.key, UploadId: u.id,
		IfNoneMatch: aws.String("*"), MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts}}, once)
	return u.taken(ctx, u.key, err)
}

// Abort implements object.Upload.
func (u *upload) Abort(ctx context.Context) error {
	_, err := u.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: u.name, Key: &u.key, UploadId: u.id})
	return err
}
