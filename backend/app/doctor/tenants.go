package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"senddigitally/routing/file"
)

// tenants asks Graph without a token, which only Graph refuses in this way.
func (x *examination) tenants(ctx context.Context) {
	for _, t := range x.config.Tenants {
		at := string(t.ID) + "."
		x.routing(at+"routing_file", t.RoutingFile)
		x.reach(ctx, at+"entra", t.Entra.Directory()+"/v2.0/.well-known/openid-configuration", http.StatusOK,
			"compare entra.tenant_id and entra.authority; let this machine reach the address over https")
		x.reach(ctx, at+"graph", t.Graph.BaseURL+"/users/"+"doctor", http.StatusUnauthorized,
			"let this machine reach the address over https; a proxy is named by HTTPS_PROXY")
	}
}

func (x *examination) routing(check, path string) {
	content, err := os.ReadFile(path)
	if err != nil {
		x.note(check, Broken, err.Error(), "write the path of the organisation's routing file")
		return
	}
	_, problems := file.Load(path, content)
	x.check(check, problems.Err(), "it has no errors", "mend it, and try senddigitally routing check "+path)
}

// reach asks an address, which must give the expected answer.
func (x *examination) reach(ctx context.Context, check, address string, expected int, mend string) {
	ctx, cancel := x.within(ctx)
	defer cancel()
	status, err := x.get(ctx, address)
	switch {
	case err != nil:
		x.note(check, Broken, "cannot be reached: "+err.Error(), mend)
	case status != expected:
		x.note(check, Broken, fmt.Sprintf("answers %d where %d is expected", status, expected), mend)
	default:
		x.note(check, Fit, "it answers", "")
	}
}

func (x *examination) get(ctx context.Context, address string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, errors.New("the address cannot be read")
	}
	answer, err := x.HTTP.Do(request)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}
