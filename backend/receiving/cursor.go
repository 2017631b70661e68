package receiving

import (
	"strconv"
	"strings"

	"senddigitally/backend/transfer"
)

// A cursor over several addresses is the number of the one, a full stop, and
// the ledger's cursor within its list.

func writeCursor(whose int, within string, addresses int) string {
	if whose >= addresses {
		return ""
	}
	return strconv.Itoa(whose) + "." + within
}

func readCursor(cursor string, addresses int) (whose int, within string, err error) {
	if cursor == "" {
		return 0, "", nil
	}
	number, within, _ := strings.Cut(cursor, ".")
	whose, err = strconv.Atoi(number)
	if err != nil || whose < 0 || whose > addresses {
		return 0, "", transfer.E(transfer.Invalid, "this is not a cursor")
	}
	return whose, within, nil
}
