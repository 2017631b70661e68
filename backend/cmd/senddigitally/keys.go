package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"senddigitally/backend/access"
	"senddigitally/backend/app"
	"senddigitally/backend/config"
	"senddigitally/backend/keys"
)

type keysCommand struct {
	Init   keysInit   `cmd:"" help:"Make a keyring. Keep a copy of it in a safe."`
	List   keysList   `cmd:"" help:"List the key-encryption keys, the primary first, and how many epoch keys each wraps."`
	Rotate keysRotate `cmd:"" help:"Add a new primary key and rewrap what the older ones wrap; can be repeated."`
	Drop   keysDrop   `cmd:"" help:"Remove a key-encryption key that wraps nothing any more."`
	Verify keysVerify `cmd:"" help:"Open every key record that is stored."`
}

type keysInit struct {
	Path string `arg:"" type:"path"`
}

// Run makes a keyring.
func (c *keysInit) Run() error { return keys.Init(c.Path) }

type keysList struct{ configured }

// Run lists the keys of the keyring and those of Key Vault that are in use.
func (c *keysList) Run(ctx context.Context) error {
	return c.opened(ctx, func(o *app.Opened) error {
		used, err := o.Container().InUse(ctx)
		if err != nil {
			return err
		}
		fmt.Println("installation", o.Ring.Installation())
		for _, k := range o.Ring.KEKs() {
			primary := ""
			if k.ID == o.KEK.Primary("") {
				primary = "primary"
			}
			fmt.Printf("%s  %s  wraps %d  %s\n", k.ID, k.Created.Format(time.RFC3339), used[k.ID], primary)
			delete(used, k.ID)
		}
		for id, n := range used {
			fmt.Printf("%s  not in the keyring  wraps %d\n", id, n)
		}
		return nil
	})
}

type keysRotate struct {
	configured
	AddOnly    bool `help:"Rewrap nothing yet; for the new keyring to be brought to the other machines first." xor:"step"`
	RewrapOnly bool `help:"Add no key; finish a rewrap that was interrupted or put off, or follow a rotation in Key Vault." xor:"step"`
}

// Run rotates the key-encryption key.
func (c *keysRotate) Run(ctx context.Context) error {
	settings, err := c.load()
	if err != nil {
		return err
	}
	if !c.RewrapOnly {
		if settings.Storage.KEK != config.InKeyring {
			return errors.New("rotate the key in Key Vault, restart the service, and then use --rewrap-only")
		}
		if err := c.allowed(ctx, "keys rotate"); err != nil {
			return err
		}
		if err := keys.Rotate(settings.Storage.Keyring); err != nil {
			return err
		}
	}
	if c.AddOnly {
		return nil
	}
	return c.opened(ctx, func(o *app.Opened) error {
		if err := o.Allow(ctx, "keys rewrap", access.RotateKey); err != nil {
			return err
		}
		for _, t := range o.Tenants {
			if err := o.Container().Rewrap(ctx, t.ID, func(done int) { fmt.Printf("%s: %d rewrapped\n", t.ID, done) }); err != nil {
				return err
			}
		}
		return nil
	})
}

type keysDrop struct {
	configured
	ID string `arg:"" help:"Id of the key, as keys list shows it."`
}

// Run drops a key that nothing is wrapped by.
func (c *keysDrop) Run(ctx context.Context) error {
	return c.opened(ctx, func(o *app.Opened) error {
		used, err := o.Container().InUse(ctx)
		if err != nil {
			return err
		}
		if n := used[c.ID]; n > 0 {
			return fmt.Errorf("%s still wraps %d epoch keys: finish with senddigitally keys rotate --rewrap-only", c.ID, n)
		}
		settings, err := c.load()
		if err != nil {
			return err
		}
		if err := o.Allow(ctx, "keys drop", access.RotateKey); err != nil {
			return err
		}
		return keys.Drop(settings.Storage.Keyring, c.ID)
	})
}

type keysVerify struct{ configured }

// Run opens every key record; opening the installation has verified the epoch
// keys.
func (c *keysVerify) Run(ctx context.Context) error {
	return c.opened(ctx, func(o *app.Opened) error {
		failed := 0
		for _, t := range o.Tenants {
			opened, err := o.Container().VerifyRecords(ctx, t.ID, func(ref keys.Ref, err error) {
				failed++
				fmt.Printf("%s: %s, held in %s: %v\n", t.ID, ref.ID, ref.Hold, err)
			})
			if err != nil {
				return err
			}
			fmt.Printf("%s: %d key records open\n", t.ID, opened)
		}
		if failed > 0 {
			return fmt.Errorf("%d key records cannot be opened", failed)
		}
		return nil
	})
}

// allowed authorises and audits what is about to happen to the keys.
func (c configured) allowed(ctx context.Context, command string) error {
	return c.opened(ctx, func(o *app.Opened) error { return o.Allow(ctx, command, access.RotateKey) })
}

// opened does something with the configured installation.
func (c configured) opened(ctx context.Context, do func(*app.Opened) error) error {
	settings, err := c.load()
	if err != nil {
		return err
	}
	o, err := app.Open(ctx, settings, config.Logger(io.Discard, settings.Log))
	if err != nil {
		return err
	}
	defer o.Close()
	return do(o)
}
