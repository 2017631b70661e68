// Package browser clicks through the whole product in Chromium, as the people
// do: the caseworker in the simulated Outlook with our task pane, the citizen in
// the portal, the team in its function mailbox.
//
// Invariant: the product runs as package sandbox starts it; what a person would
// click is clicked, and only what no page shows is read from the mail store or
// the application interface. Every wait is bounded.
//
// Failure: the picture of the page at that moment lies among the pictures of
// all steps, in .artifacts/browser of the repository. Without Chromium the tests
// are skipped with that reason.
package browser
