// Package chromium opens windows of Chromium for the tests, and brings axe-core.
//
// Invariant: a test without a browser or without axe is skipped with the reason;
// what it opened is closed with it. Failure ends the test.
package chromium

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience bounds one step of a test.
const patience = 30 * time.Second

// Program is where Chromium is; without it the test is skipped.
func Program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on this machine")
	}
	return path
}

// Options start a Chromium that asks nobody of its own accord.
func Options(program string, more ...chromedp.ExecAllocatorOption) []chromedp.ExecAllocatorOption {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	return append(options, more...)
}

// Open starts Chromium with one window, for the duration of a test.
func Open(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), Options(Program(t))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// Run does one step in a window and answers what came of it.
func Run[T any](t testing.TB, ctx context.Context, step chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, step)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Axe is axe-core's script, of the add-in's packages.
func Axe(t testing.TB) string {
	t.Helper()
	for dir, _ := os.Getwd(); dir != "/"; dir = filepath.Dir(dir) {
		if script, err := os.ReadFile(filepath.Join(dir, "addin/node_modules/axe-core/axe.min.js")); err == nil {
			return string(script)
		}
	}
	t.Skip("axe-core is not installed in addin/node_modules; make addin installs it")
	return ""
}
