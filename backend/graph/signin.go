package graph

import (
	"context"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"senddigitally/backend/transfer"
)

// Redeem exchanges the code of a web sign-in for an access token for the product
// itself (RFC 6749, 4.1.3), which the verifier of the sign-in's challenge must
// fit (RFC 7636). SignInAgain says that the code serves no more.
func (c *Client) Redeem(ctx context.Context, tenant transfer.TenantID, code, redirect, verifier string) (transfer.Assertion, error) {
	t, err := c.tenant(tenant)
	if err != nil {
		return "", err
	}
	client, err := t.app.current()
	if err != nil {
		return "", transfer.Wrap(transfer.Unavailable, "sign-in is not set up", err)
	}
	scope := "api://" + t.config.ClientID + "/access_as_user"
	result, err := client.AcquireTokenByAuthCode(ctx, code, redirect, []string{scope}, confidential.WithChallenge(verifier))
	if err != nil {
		return "", credential{identity: t.app, delegated: true}.refused(ctx, err)
	}
	return transfer.Assertion(result.AccessToken), nil
}
