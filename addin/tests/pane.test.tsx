import { webDarkTheme, webLightTheme } from "@fluentui/react-components";
import { render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { App } from "../src/shell/App";
import { Backend, id, live, settings } from "./backend";
import { message, openOutlook } from "./outlook";
import { accepted, accessible, open, sendButton } from "./pane";

describe("the pane", () => {
  it.each(["da-DK", "nb-NO", "nl-NL", "sv-SE", "de-DE", "en-GB"])("is accessible in %s", async (language) => {
    open(new Backend(), message(), { language });
    await screen.findByRole("button", { name: /dig/i });
    await accessible();
  });

  it("is accessible when it is done, and copies the code", async () => {
    const backend = new Backend({ ...accepted });
    const { user } = open(backend);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    await accessible();
    await user.click(screen.getByRole("button", { name: "Copy" }));
    await screen.findByText("Copied");
    expect(await navigator.clipboard.readText()).toBe("kobber-7341");
  });

  it.each([[true, true], [false, false]])("closes by what has become of the draft since: filed %s", async (filed, discarded) => {
    const backend = new Backend({ "POST /transfers": [{ status: 202, body: { ...live, filed: false } }],
      [`GET /transfers/${id}`]: [{ status: 200, body: { ...live, filed } }] });
    const { user, held } = open(backend);
    await user.click(await sendButton());
    await user.click(await screen.findByRole("button", { name: "Close the message" }));
    await waitFor(() => expect(held).toMatchObject({ closed: true, discarded }));
  });

  it("says in words how to close where Outlook cannot", async () => {
    const backend = new Backend({ ...accepted });
    const { user, held } = open(backend, message(), { sets: ["NestedAppAuth 1.1"] });
    await user.click(await sendButton());
    await screen.findByText(/Do not press Outlook's own Send/);
    expect(held.closed).toBe(false);
  });

  it("warns where another account is signed in than the mailbox's", async () => {
    openOutlook(message());
    const other = { ...settings, caller: { ...settings.caller, address: "other@municipality.example" } };
    render(<App services={new Backend({ "GET /settings": [{ status: 200, body: other }] }).services("other@municipality.example")} />);
    await screen.findByText(/You are signed in as other@municipality.example/);
  });

  it("warns where the organisation allows no code", async () => {
    const { user } = open(new Backend());
    await user.click(await screen.findByRole("radio", { name: "No code" }));
    await screen.findByText("Anyone who gets hold of the link can read the message.");
    expect(screen.queryByRole("radio", { name: /SMS/ })).toBeNull();
  });

  it("shows hostile names as they are", async () => {
    const name = `<img src=x onerror=alert(1)>{{7*7}}\u202Efdp.exe`;
    open(new Backend(), message({ files: [{ id: "a", name, size: 0 }], to: [{ displayName: name, emailAddress: "citizen@home.example" }] }));
    expect(await screen.findAllByText(name)).toHaveLength(2);
    expect(document.querySelector("img")).toBeNull();
  });

  it("is dark when Outlook is", async () => {
    open(new Backend(), message(), { background: "#1f1f1f" });
    await sendButton();
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join(" ");
    expect(rules).toContain(`--colorNeutralBackground1: ${webDarkTheme.colorNeutralBackground1}`);
    expect(rules).not.toContain(`--colorNeutralBackground1: ${webLightTheme.colorNeutralBackground1}`);
  });
});
