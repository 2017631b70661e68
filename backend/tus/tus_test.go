package tus

import (
	"testing"

	"senddigitally/backend/transfer"
)

func FuzzMetadata(f *testing.F) {
	f.Add("filename YQ==,filetype")
	f.Add(",,, ")
	f.Fuzz(func(t *testing.T, header string) { metadata(header) })
}

func TestOnlyIdsOfUploadsAreOnes(t *testing.T) {
	for id, want := range map[transfer.FileID]bool{"u1": true, "u9999": true, "u": false, "u12345": false, "body": false, "u1/../x": false, "": false} {
		if isUpload(id) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
}
