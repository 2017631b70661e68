package app

import (
	"context"
	"fmt"
	"time"

	"senddigitally/backend/catalogue"
	"senddigitally/backend/config"
	"senddigitally/backend/onetime"
	"senddigitally/backend/opening"
	"senddigitally/backend/sms"
	"senddigitally/backend/transfer"
)

// provers are the ways to open a link without a secret agreed on before.
func (w *wiring) provers() map[transfer.CodeKind]opening.Prover {
	brought := func(by onetime.Courier) *onetime.Codes {
		return &onetime.Codes{Courier: by, Store: w.Ledger, Archive: w.archive, Limits: limits{w.Ledger}, Namer: w.namer, Clock: w.Clock, Log: w.Log}
	}
	return map[transfer.CodeKind]opening.Prover{
		transfer.CodeSMS: brought(onetime.ByText{Texts: texts(w.tenants), Organisation: w.organisation,
			Words: func(l string) onetime.Words { return catalogue.For(l) }}),
		transfer.CodeMail: brought(onetime.ByMail{Mails: w.notifying()}),
	}
}

// texts are the tenants' gateways.
type texts map[transfer.TenantID]Tenant

// Send sends a text message by the tenant's gateway.
func (t texts) Send(ctx context.Context, tenant transfer.TenantID, to, text string) error {
	gateway := t[tenant].SMS
	if gateway == nil {
		return transfer.E(transfer.Unavailable, "no gateway for text messages is configured")
	}
	return gateway.Send(ctx, to, text)
}

// gatewayOf is a tenant's gateway; nil without an address.
func gatewayOf(c config.SMS) (*sms.Gateway, error) {
	if c.URL == "" {
		return nil, nil
	}
	gateway, err := sms.New(sms.Config{URL: c.URL, Method: c.Method, Type: c.ContentType, Body: c.Body, From: c.From,
		Authorization: c.Authorization.Reveal(), Timeout: time.Duration(c.Timeout)})
	if err != nil {
		return nil, fmt.Errorf("sms.body: %w", err)
	}
	return gateway, nil
}
