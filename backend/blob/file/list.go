package file

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"senddigitally/backend/blob"
)

// List implements blob.Store. It holds one folder's names at each level in
// memory and enters only folders that can have something to show.
func (s *Store) List(ctx context.Context, prefix, after string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := blob.CheckPrefix(prefix); err != nil {
			yield("", err)
			return
		}
		w := walk{ctx: ctx, files: s.files, prefix: prefix, after: after, yield: yield}
		folder := "."
		if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
			folder = prefix[:i]
		}
		w.folder(folder)
	}
}

type walk struct {
	ctx           context.Context
	files         files
	prefix, after string
	yield         func(string, error) bool
}

// folder shows what is below a folder and reports whether to go on.
func (w *walk) folder(folder string) bool {
	if err := w.ctx.Err(); err != nil {
		w.yield("", err)
		return false
	}
	names, err := w.names(folder)
	if err != nil {
		w.yield("", fault(err))
		return false
	}
	for _, name := range names {
		below, isFolder := strings.CutSuffix(name, "/")
		switch {
		case isFolder && w.mayHold(name):
			if !w.folder(below) {
				return false
			}
		case !isFolder && strings.HasPrefix(name, w.prefix) && name > w.after:
			if !w.yield(name, nil) {
				return false
			}
		}
	}
	return true
}

// names reads a folder, sorted, with "/" behind each folder, so that the order
// of names is that of everything below them.
func (w *walk) names(folder string) ([]string, error) {
	entries, err := w.files.ReadDir(folder)
	if errors.Is(absent(err), fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	path := ""
	if folder != "." {
		path = folder + "/"
	}
	var names []string
	for _, e := range entries {
		switch {
		case !blob.ValidElement(e.Name()):
		case e.IsDir():
			names = append(names, path+e.Name()+"/")
		case e.Type().IsRegular():
			names = append(names, path+e.Name())
		}
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names, nil
}

// mayHold reports whether names that start with folder can be asked for.
func (w *walk) mayHold(folder string) bool {
	related := strings.HasPrefix(folder, w.prefix) || strings.HasPrefix(w.prefix, folder)
	passed := w.after > folder && !strings.HasPrefix(w.after, folder)
	return related && !passed
}
