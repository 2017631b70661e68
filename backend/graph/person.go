package graph

import (
	"context"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"senddigitally/backend/transfer"
)

// AddressesOf answers a caller's own mail addresses, asked for on her behalf:
// the primary one first, then those that also deliver to her mailbox (Microsoft
// Learn, "user resource type": mail; proxyAddresses, whose entries for mail begin
// with SMTP: or smtp:). The delegated permission User.Read suffices.
func (c *Client) AddressesOf(ctx context.Context, tenant transfer.TenantID, caller transfer.Caller) ([]string, error) {
	s, err := c.delegated(tenant, caller, "me")
	if err != nil {
		return nil, err
	}
	user, err := s.user.Get(ctx, &users.UserItemRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.UserItemRequestBuilderGetQueryParameters{Select: []string{"mail", "proxyAddresses"}},
	})
	if err != nil {
		return nil, explain(err)
	}
	return mailAddresses(value(user.GetMail()), user.GetProxyAddresses()), nil
}

// maxAddresses bounds what one person's addresses cost to look through.
const maxAddresses = 50

func mailAddresses(primary string, proxies []string) []string {
	var all []string
	add := func(address string) {
		known := slices.ContainsFunc(all, func(one string) bool { return strings.EqualFold(one, address) })
		if address != "" && !known && len(all) < maxAddresses {
			all = append(all, address)
		}
	}
	add(primary)
	for _, proxy := range proxies {
		if kind, address, _ := strings.Cut(proxy, ":"); strings.EqualFold(kind, "smtp") {
			add(address)
		}
	}
	return all
}
