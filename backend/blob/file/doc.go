// Package file keeps blobs in a local directory.
//
// Invariant: a blob appears under its name by one link, after its bytes are
// synced, and Put returns after the folder that names it, and every folder on
// the way that may be new, are synced as well. A crash at any moment leaves a
// name with all of its bytes or no name. Deletions are synced the same way.
//
// The directory has a marker file that names its owner; a directory with other
// content, with another owner's marker, or without permission to write is
// refused at [Open]. Access goes through openat2(2), elsewhere through os.Root, so
// no link leads out of it.
//
// Failure: whatever the file system reports, the call fails, and its temporary
// file is removed. Temporary files of a killed process are swept at Open once
// nothing has written to them for a day.
package file
