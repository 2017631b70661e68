package entra

import (
	"fmt"
	"net/http"
)

// failure is an error of the token endpoint (Microsoft Learn, "Microsoft Entra
// authentication and authorization error codes").
type failure struct {
	status      int
	code        string // OAuth error
	number      int    // AADSTS number
	description string
	suberror    string
}

func (f *failure) Error() string { return fmt.Sprintf("%s: AADSTS%d", f.code, f.number) }

func invalidGrant(number int, description string) *failure {
	return &failure{http.StatusBadRequest, "invalid_grant", number, description, ""}
}

func invalidClient(number int, description string) *failure {
	return &failure{http.StatusUnauthorized, "invalid_client", number, description, ""}
}

func invalidRequest(number int, description string) *failure {
	return &failure{http.StatusBadRequest, "invalid_request", number, description, ""}
}

func (e *Entra) fail(w http.ResponseWriter, f *failure) {
	body := map[string]any{
		"error":             f.code,
		"error_description": fmt.Sprintf("AADSTS%d: %s", f.number, f.description),
		"error_codes":       []int{f.number},
		"timestamp":         e.now().Format("2006-01-02 15:04:05Z"),
		"trace_id":          "00000000-0000-0000-0000-000000000000",
		"correlation_id":    "00000000-0000-0000-0000-000000000000",
	}
	if f.suberror != "" {
		body["suberror"] = f.suberror
	}
	answer(w, f.status, body)
}
