package mail

import (
	"net/http"
	"slices"
	"strings"
)

// Well-known folder names (Microsoft Learn, "mailFolder resource type").
const (
	Root         = "msgfolderroot"
	Inbox        = "inbox"
	Drafts       = "drafts"
	SentItems    = "sentitems"
	DeletedItems = "deleteditems"
)

// Folders answers the children of a folder, named by id or well-known name.
func (s *Store) Folders(mailbox, parent string) ([]Folder, error) {
	return within(s, mailbox, func(b *box) ([]Folder, error) {
		p := b.folder(parent)
		if p == nil {
			return nil, notFound()
		}
		var all []Folder
		for _, f := range b.folders {
			if f.Parent == p.ID {
				all = append(all, b.counted(f))
			}
		}
		return all, nil
	})
}

// Folder answers one folder by id or well-known name.
func (s *Store) Folder(mailbox, folder string) (Folder, error) {
	return within(s, mailbox, func(b *box) (Folder, error) {
		f := b.folder(folder)
		if f == nil {
			return Folder{}, notFound()
		}
		return b.counted(f), nil
	})
}

// CreateFolder makes a folder below another one; 409 when the name is taken there.
func (s *Store) CreateFolder(mailbox, parent, name string) (Folder, error) {
	return within(s, mailbox, func(b *box) (Folder, error) {
		p := b.folder(parent)
		if p == nil {
			return Folder{}, notFound()
		}
		if strings.TrimSpace(name) == "" {
			return Folder{}, Refuse(http.StatusBadRequest, "ErrorInvalidFolderName", "The folder name is empty.")
		}
		if b.named(p.ID, name) != nil {
			return Folder{}, Refuse(http.StatusConflict, "ErrorFolderExists", "A folder with the specified name already exists.")
		}
		f := b.addFolder(p.ID, name, "")
		s.note(b, Change{Kind: FolderAdded, Folder: f.ID})
		return b.counted(f), nil
	})
}

func (b *box) addStandardFolders() {
	root := b.addFolder("", "Top of Information Store", Root)
	for _, f := range []struct{ wellKnown, name string }{
		{Inbox, "Inbox"}, {Drafts, "Drafts"}, {SentItems, "Sent Items"}, {DeletedItems, "Deleted Items"},
	} {
		b.addFolder(root.ID, f.name, f.wellKnown)
	}
}

func (b *box) addFolder(parent, name, wellKnown string) *Folder {
	f := &Folder{ID: newFolderID(), Name: name, WellKnown: wellKnown, Parent: parent}
	b.folders = append(b.folders, f)
	return f
}

// folder finds by id (exact) or well-known name (any case); nil when there is none.
func (b *box) folder(folder string) *Folder {
	at := slices.IndexFunc(b.folders, func(f *Folder) bool {
		return f.ID == folder || f.WellKnown != "" && strings.EqualFold(f.WellKnown, folder)
	})
	if at < 0 {
		return nil
	}
	return b.folders[at]
}

func (b *box) named(parent, name string) *Folder {
	at := slices.IndexFunc(b.folders, func(f *Folder) bool {
		return f.Parent == parent && strings.EqualFold(f.Name, name)
	})
	if at < 0 {
		return nil
	}
	return b.folders[at]
}

func (b *box) counted(f *Folder) Folder {
	c := *f
	for _, child := range b.folders {
		if child.Parent == f.ID {
			c.Children++
		}
	}
	for _, m := range b.messages {
		if m.Folder != f.ID {
			continue
		}
		c.Total++
		if !m.Read {
			c.Unread++
		}
	}
	return c
}
