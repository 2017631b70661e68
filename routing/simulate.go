package routing

import "slices"

// Move is a reply that another set would put elsewhere.
type Move struct {
	// Index is the reply's position among the inputs.
	Index int      `json:"index"`
	From  Decision `json:"from"`
	To    Decision `json:"to"`
}

// Simulate decides recorded inputs with both sets and returns those that would
// end in another mailbox, folder or topic, with other categories or copies, or
// on or off the manual list.
func Simulate(inputs []Input, from, to *Set) []Move {
	var moves []Move
	for i, in := range inputs {
		a, b := from.Decide(in), to.Decide(in)
		if !samePlace(a, b) {
			moves = append(moves, Move{i, a, b})
		}
	}
	return moves
}

func samePlace(a, b Decision) bool {
	return a.Mailbox == b.Mailbox && a.Address == b.Address && a.Folder == b.Folder && a.Topic == b.Topic &&
		a.Manual == b.Manual && slices.Equal(a.Categories, b.Categories) && slices.Equal(a.Copies, b.Copies)
}
