package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"senddigitally/backend/sandbox/outlook"
)

// call asks the API as the caseworker.
func (d *Demo) call(ctx context.Context, method, path string, body io.Reader, header http.Header, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, d.Sandbox.StaffURL+path, body)
	if err != nil {
		return err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Authorization", "Bearer "+d.Sandbox.UserToken(outlook.Caseworker))
	answer, err := d.staff.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s answered %s: %s", method, path, answer.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

// visit asks the portal as the citizen's browser.
func (d *Demo) visit(ctx context.Context, method, address string, body io.Reader, header http.Header) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return 0, "", err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	answer, err := d.citizen.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// until asks again and again until something holds, fails, or takes too long.
func until(ctx context.Context, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := holds(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("it did not happen within " + patience.String())
		case <-tick.C:
		}
	}
}
