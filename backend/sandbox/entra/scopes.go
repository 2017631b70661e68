package entra

import (
	"net/http"
	"slices"
	"strings"
)

// openIDScopes concern the answer itself, not a resource.
var openIDScopes = []string{"openid", "profile", "email", "offline_access"}

// userAccess answers a person's access token for the resource that the scopes name, and
// the scopes as they are reported back.
func (e *Entra) userAccess(app App, u User, scopes []string) (string, []string, *failure) {
	resource, wanted, f := e.resourceOf(scopes)
	if f != nil {
		return "", nil, f
	}
	offered, prefix := app.GraphScopes, GraphResource+"/"
	if resource != GraphResource {
		target, _ := e.app(resource)
		offered, prefix = target.Scopes, "api://"+resource+"/"
	}
	if slices.Contains(wanted, ".default") {
		wanted = offered
	}
	for _, s := range wanted {
		if !slices.Contains(offered, s) {
			return "", nil, &failure{http.StatusBadRequest, "invalid_grant", 65001,
				"The user or administrator has not consented to use the application.", "consent_required"}
		}
	}
	granted := slices.Clone(scopes)
	for _, s := range wanted {
		granted = append(granted, prefix+s)
	}
	return e.sign(e.userClaims(app.ID, resource, u, wanted)), granted, nil
}

// resourceOf tells which resource the scopes are for: Graph, or an application of the
// tenant by its client id. Only one may be named; none means Graph, as with bare
// permission names.
func (e *Entra) resourceOf(scopes []string) (resource string, names []string, f *failure) {
	for _, scope := range scopes {
		if slices.Contains(openIDScopes, scope) {
			continue
		}
		this, name := GraphResource, scope
		if at := strings.LastIndex(scope, "/"); at >= 0 {
			this, name = strings.TrimSuffix(scope[:at], "/"), scope[at+1:]
		}
		this = strings.TrimPrefix(this, "api://")
		if _, known := e.app(this); !known && this != GraphResource {
			return "", nil, &failure{http.StatusBadRequest, "invalid_resource", 500011, "The resource principal was not found in the tenant.", ""}
		}
		if resource != "" && resource != this {
			return "", nil, &failure{http.StatusBadRequest, "invalid_request", 28000, "The scopes name more than one resource.", ""}
		}
		resource, names = this, append(names, name)
	}
	if resource == "" {
		resource = GraphResource
	}
	return resource, names, nil
}
