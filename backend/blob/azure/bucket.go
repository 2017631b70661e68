// Package azure keeps blobs in a container of Azure Blob Storage, with
// conditional writes (If-None-Match: *).
//
// Invariant: see package object.
//
// Failure: what the service refuses is an error without credentials in it. The
// container must be there. Blocks that were never committed are removed by Azure
// after a week.
package azure

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"senddigitally/backend/blob/object"
)

// Place is where a container is and who comes to it: with the account's key, or
// with a credential of Entra.
type Place struct {
	Account, Container, Prefix string
	Endpoint                   string // "" is https://<account>.blob.core.windows.net
	AccountKey                 string
	Credential                 azcore.TokenCredential // instead of AccountKey
}

// Open opens the place for owner; see object.Open.
func Open(ctx context.Context, p Place, owner string) (*object.Store, error) {
	client, err := p.client()
	if err != nil {
		return nil, err
	}
	return object.Open(ctx, &bucket{client}, p.Prefix, owner)
}

// Look says what would keep Open from opening the place, and changes nothing.
func Look(ctx context.Context, p Place, owner string) error {
	client, err := p.client()
	if err != nil {
		return err
	}
	return object.Look(ctx, &bucket{client}, p.Prefix, owner)
}

func (p Place) client() (*container.Client, error) {
	endpoint := p.Endpoint
	if endpoint == "" {
		endpoint = "https://" + p.Account + ".blob.core.windows.net"
	}
	options := &container.ClientOptions{ClientOptions: azcore.ClientOptions{Telemetry: policy.TelemetryOptions{Disabled: true},
		Retry: policy.RetryOptions{MaxRetries: 3, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: 5 * time.Second}}}
	if p.Credential != nil {
		return container.NewClient(endpoint+"/"+p.Container, p.Credential, options)
	}
	key, err := container.NewSharedKeyCredential(p.Account, p.AccountKey)
	if err != nil {
		return nil, errors.New("the account key is not valid base64") // the cause could show it
	}
	return container.NewClientWithSharedKeyCredential(endpoint+"/"+p.Container, key, options)
}

type bucket struct{ client *container.Client }

// free lets a request through only where nothing is.
func free() *blob.AccessConditions {
	any := azcore.ETagAny
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &any}}
}

// once keeps the client from repeating a conditional request.
func once(ctx context.Context) context.Context {
	return policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: -1})
}

func body(content []byte) io.ReadSeekCloser { return streaming.NopCloser(bytes.NewReader(content)) }

// Put implements object.Bucket.
func (b *bucket) Put(ctx context.Context, key string, content []byte) error {
	_, err := b.client.NewBlockBlobClient(key).Upload(once(ctx), body(content), &blockblob.UploadOptions{AccessConditions: free()})
	if err = failure(err); errors.Is(err, fs.ErrExist) {
		return b.putBlock(ctx, key, content)
	}
	return err
}

// putBlock puts where an interrupted upload has left blocks: a service may take
// them for a blob, and replaces them when a list of blocks is committed.
func (b *bucket) putBlock(ctx context.Context, key string, content []byte) error {
	_, err := b.Size(ctx, key)
	if err == nil {
		return fs.ErrExist
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	u := &upload{client: b.client.NewBlockBlobClient(key), nonce: rand.Text()}
	if len(content) > 0 {
		if err := u.Chunk(ctx, 1, content); err != nil {
			return err
		}
	}
	return u.Commit(ctx)
}

// Begin implements object.Bucket: blocks need no beginning.
func (b *bucket) Begin(_ context.Context, key string) (object.Upload, error) {
	return &upload{client: b.client.NewBlockBlobClient(key), nonce: rand.Text()}, nil
}

// Read implements object.Bucket.
func (b *bucket) Read(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	out, err := b.client.NewBlobClient(key).DownloadStream(ctx, &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: offset, Count: max(length, 0)}})
	if bloberror.HasCode(err, bloberror.InvalidRange) {
		return nil, object.ErrRange
	}
	if err != nil {
		return nil, failure(err)
	}
	return out.Body, nil
}

// Size implements object.Bucket.
func (b *bucket) Size(ctx context.Context, key string) (int64, error) {
	out, err := b.client.NewBlobClient(key).GetProperties(ctx, nil)
	if err != nil {
		return 0, failure(err)
	}
	return *out.ContentLength, nil
}

// Keys implements object.Bucket. The service begins at the prefix, so that a
// late after costs the pages before it.
func (b *bucket) Keys(ctx context.Context, prefix, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for pages := b.client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &prefix}); pages.More(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield("", failure(err))
				return
			}
			for _, item := range page.Segment.BlobItems {
				if *item.Name > after && !yield(*item.Name, nil) {
					return
				}
			}
		}
	}
}

// Delete implements object.Bucket.
func (b *bucket) Delete(ctx context.Context, key string) error {
	_, err := b.client.NewBlobClient(key).Delete(ctx, nil)
	if errors.Is(failure(err), fs.ErrNotExist) {
		return nil
	}
	return failure(err)
}

func failure(err error) error {
	switch {
	case bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet):
		return fs.ErrExist
	case bloberror.HasCode(err, bloberror.BlobNotFound), bloberror.HasCode(err, bloberror.ResourceNotFound):
		return fs.ErrNotExist
	}
	return err
}

// upload is a list of blocks. Its ids begin with a nonce, so that two uploads
// under one name never mix their blocks.
type upload struct {
	client *blockblob.Client
	nonce  string
	blocks []string
}

// Chunk implements object.Upload.
func (u *upload) Chunk(ctx context.Context, number int, content []byte) error {
	id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s%08d", u.nonce, number))
	if _, err := u.client.StageBlock(ctx, id, body(content), nil); err != nil {
		return err
	}
	u.blocks = append(u.blocks, id)
	return nil
}

// Commit implements object.Upload.
func (u *upload) Commit(ctx context.Context) error {
	_, err := u.client.CommitBlockList(once(ctx), u.blocks, &blockblob.CommitBlockListOptions{AccessConditions: free()})
	return failure(err)
}

// Abort implements object.Upload: blocks without a blob are nobody's and go by
// themselves.
func (u *upload) Abort(context.Context) error { return nil }
