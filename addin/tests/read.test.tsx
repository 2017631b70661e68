import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Backend, id, live, problem, settings } from "./backend";
import { message } from "./outlook";
import { accepted, accessible, body, open, sendButton } from "./pane";

type Done = (result: object) => void;
const none = { "POST /transfers/search": [{ status: 200, body: { transfers: [] } }] };
const letter = (headers: string, more: object = {}) => ({
  from: { displayName: "A citizen", emailAddress: "citizen@home.example" },
  getAllInternetHeadersAsync: (done: Done) => done({ status: "succeeded", value: headers }),
  ...more,
});
const ours = `Subject: Re\r\nX-SendDigitally-Transfer: ${id}\r\nX-Other: 1\r\n`;
const reading = (backend: Backend, headers = ours, more: object = {}, sets = ["NestedAppAuth 1.1", "Mailbox 1.9"]) =>
  open(backend, message(), { surface: "read", letter: letter(headers, more), sets });

describe("beside a delivered reply", () => {
  it("the transfer that it answers stands open with its history", async () => {
    reading(new Backend({ ...none, [`GET /transfers/${id}`]: [{ status: 200, body: { ...live, subject: "The permit" } }] }));
    await screen.findByRole("button", { name: "The permit", expanded: true });
    screen.getByText("Received from A citizen");
    screen.getByText("decision.pdf");
    await accessible();
  });

  it("on post to the organisation as a company it says why Outlook cannot answer, and offers no reply", async () => {
    reading(new Backend({ ...none, [`GET /transfers/${id}`]: [{ status: 200, body: live }] }), `${ours}X-SendDigitally-Answer: not-from-outlook\r\n`);
    await screen.findByText(/written to The Municipality as a company/);
    await screen.findByText("Received from A citizen");
    expect(screen.queryByRole("button", { name: "Reply with Send Digitally" })).toBeNull();
    await accessible();
  });

  it("a foreign or ended transfer is not shown, and it says so", async () => {
    reading(new Backend({ ...none, [`GET /transfers/${id}`]: [problem(404, "not_found", "no")] }));
    await screen.findByText(/not yours, or has ended/);
  });

  it("a reply opens in the thread, or the pane says how it is done", async () => {
    const routes = { ...none, [`GET /transfers/${id}`]: [{ status: 200, body: live }] };
    const opened: unknown[] = [];
    const { user } = reading(new Backend(routes), ours, {
      displayReplyFormAsync: (form: unknown, _: object, done: Done) => (opened.push(form), done({ status: "succeeded" })),
    });
    await user.click(await screen.findByRole("button", { name: "Reply with Send Digitally" }));
    await screen.findByText(/A reply opens/);
    expect(opened).toEqual([""]);
  });

  it("where Outlook opens no reply the pane says how it is done", async () => {
    const { user } = reading(new Backend({ ...none, [`GET /transfers/${id}`]: [{ status: 200, body: live }] }), ours, {}, ["NestedAppAuth 1.1"]);
    await user.click(await screen.findByRole("button", { name: "Reply with Send Digitally" }));
    await screen.findByText(/Use Outlook's own Reply/);
  });

  it.each(["", "X-SendDigitally-Transfer: ../../settings\r\n", `Subject: x X-SendDigitally-Transfer: ${id}\r\n`])("headers that are not ours lead nowhere: %s", async (headers) => {
    const backend = new Backend(none);
    reading(backend, headers);
    await screen.findByText(/Open a new message/);
    expect(backend.calls.every(({ path }) => !path.startsWith("/transfers/0"))).toBe(true);
  });
});

describe("the defaults", () => {
  it("are kept by the backend and in Outlook, and hold for the next message", async () => {
    const backend = new Backend({ ...none, "PUT /settings/defaults": [{ status: 204 }] });
    const { user, held } = open(backend, message(), { surface: "read" });
    await user.click(await screen.findByRole("button", { name: "My defaults" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Recipients' language" }), "en");
    await user.selectOptions(screen.getByRole("combobox", { name: "Access code" }), "password");
    await user.click(screen.getByRole("checkbox", { name: "Tell me when it is opened" }));
    await user.type(screen.getByRole("textbox", { name: /Signature/ }), "The caseworker");
    await accessible();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Your defaults are saved.");
    const kept = JSON.parse(backend.calls.at(-1)!.body) as object;
    expect(kept).toEqual({ expiryDays: 7, language: "en", code: "password", notifyOnOpen: true, notifyOnDownload: false, confirmUpload: false, showFileNames: false, signature: "The caseworker" });
    expect(held.roaming["sd.options"]).toMatchObject({ notifyOnOpen: true });
  });

  it("that cannot be kept say why", async () => {
    const { user } = open(new Backend({ ...none, "PUT /settings/defaults": [problem(400, "invalid", "Not allowed.")] }), message(), { surface: "read" });
    await user.click(await screen.findByRole("button", { name: "My defaults" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Not allowed.");
  });

  it("of the backend stand in the form of a new message, on a machine that remembers nothing", async () => {
    const own = { ...settings, defaults: { expiryDays: 14, language: "en", code: "none", replyMailbox: "school", notifyOnOpen: true, signature: "Regards" } };
    const backend = new Backend({ ...accepted, "GET /settings": [{ status: 200, body: own }] });
    const { user } = open(backend);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    await waitFor(() => expect(body(backend).options).toMatchObject({ expiryDays: 14, language: "en", code: "none", replyMailbox: "school", notifyOnOpen: true, notifyText: "Regards" }));
  });
});
