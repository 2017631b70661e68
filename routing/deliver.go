package routing

import "slices"

// deliver fills in what the function mailbox needs: address, folder,
// categories, copies. Folders of topic and route belong to the mailbox meant;
// a deputy uses its own.
func (d *deciding) deliver(t target, m int) {
	b := &d.set.boxes[m]
	d.out.Mailbox, d.out.Address, d.out.Folder = b.ID, b.Address, b.Folder
	if m == t.mailbox && t.folder != "" {
		d.out.Folder = t.folder
	}
	if t.topic >= 0 {
		topic := &d.set.definition.Topics[t.topic]
		d.out.Topic = topic.ID
		if m == t.mailbox && t.folder == "" && topic.Folder != "" && topic.Mailbox == b.ID {
			d.out.Folder = topic.Folder
		}
		d.categorise(d.set.category(topic))
	}
	d.categorise(t.categories...)
	d.categorise(b.Categories...)
	for _, c := range t.copies {
		d.copyTo(c)
	}
}

func (d *deciding) categorise(categories ...string) {
	for _, c := range categories {
		if !slices.Contains(d.out.Categories, c) {
			d.out.Categories = append(d.out.Categories, c)
		}
	}
}

// copyTo leaves out a copy that nobody can take, or that would be a second one.
func (d *deciding) copyTo(m int) {
	m, ok := d.reach(m)
	if !ok || d.set.boxes[m].ID == d.out.Mailbox {
		return
	}
	c := Copy{Mailbox: d.set.boxes[m].ID, Address: d.set.boxes[m].Address}
	if !slices.Contains(d.out.Copies, c) {
		d.out.Copies = append(d.out.Copies, c)
	}
}

// category is the word that Outlook shows for a topic.
func (s *Set) category(t *Topic) string {
	if t.Category != "" {
		return t.Category
	}
	if name := t.Names.In(s.definition.Language); name != "" {
		return name
	}
	return t.ID
}

func (s *Set) mailboxOf(topic int) int {
	return s.mailbox[s.definition.Topics[topic].Mailbox]
}
