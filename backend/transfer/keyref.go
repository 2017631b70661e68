package transfer

// KeyRef is where one key record lies. An id can be found twice after a crash
// between the two steps of a move.
type KeyRef struct {
	ID   ID
	Hold Hold
}
