package outlook

import (
	"encoding/json"
	"errors"
	"net/http"

	"senddigitally/backend/sandbox/mail"
)

// formLimit bounds a JSON request; a message body with pasted pictures fits.
const formLimit = 8 << 20

// answerJSON turns a function into a handler: its value becomes JSON, nil becomes
// 204, an error Graph's code and sentence.
func answerJSON(handle func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		value, err := handle(r)
		status := http.StatusOK
		if err != nil {
			status, value = problem(err)
		}
		if value == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(value)
	})
}

func problem(err error) (status int, body any) {
	refusal := &mail.Error{}
	if !errors.As(err, &refusal) {
		refusal = mail.Refuse(http.StatusInternalServerError, "InternalServerError", "The simulation could not do this.")
	}
	return refusal.Status, map[string]string{"code": refusal.Code, "message": refusal.Message}
}

// read decodes the request's JSON into v.
func read(r *http.Request, v any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, formLimit)).Decode(v); err != nil {
		return mail.Refuse(http.StatusBadRequest, "RequestBodyRead", "The request could not be read.")
	}
	return nil
}
