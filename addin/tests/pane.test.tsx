import { webDarkTheme, webLightTheme } from "@fluentui/react-components";
import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import { SignInFault } from "../src/auth/signIn";
import { App } from "../src/shell/App";
import { Backend, id, live, problem, receiving, settings, stream, type Answer } from "./backend";
import { message, openOutlook, type Message, type Traits } from "./outlook";

const accepted = { "POST /transfers": [{ status: 202, body: live }] };

function open(backend: Backend, held: Message = message(), traits: Traits = {}) {
  openOutlook(held, traits);
  render(<App services={backend.services()} />);
  return { user: userEvent.setup({ pointerEventsCheck: 0 }), held };
}

const sendButton = () => screen.findByRole("button", { name: "Send Digitally" });
const body = (backend: Backend, n = 0) => JSON.parse(backend.posts()[n]!.body);
const key = (backend: Backend, n = 0) => backend.posts()[n]!.headers.get("Idempotency-Key");

async function accessible(): Promise<void> {
  const rules = { "color-contrast": { enabled: false }, region: { enabled: false }, "page-has-heading-one": { enabled: false } };
  const { violations } = await axe.run(document.body, { rules });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`)).toEqual([]);
}

describe("sending", () => {
  it("sends the saved draft once and shows the evidence", async () => {
    const backend = new Backend({ ...accepted });
    const { user, held } = open(backend);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(body(backend)).toEqual({
      draftId: "AAMk-draft",
      nonce: held.saves.at(-1)!["sd.nonce"],
      options: expect.objectContaining({ code: "generated", expiryDays: 7, language: "da" }),
    });
    expect(held.saves.at(-1)!["sd.key"]).toBe(key(backend));
    expect(held.marks["sd.transfer"]).toBe(id);
    expect(screen.getByText("kobber-7341")).toBeTruthy();
    expect(screen.getByText("Notified")).toBeTruthy();
    expect(screen.getByText("decision.pdf")).toBeTruthy();
  });

  it("sends once however often the button is pressed", async () => {
    let release = (_: Answer) => {};
    const backend = new Backend({ "POST /transfers": [() => new Promise<Answer>((resolve) => (release = resolve))] });
    open(backend);
    const button = await sendButton();
    act(() => {
      button.click(); // before the pane is drawn anew
      button.click();
    });
    fireEvent.doubleClick(button);
    await waitFor(() => expect(backend.posts()).toHaveLength(1));
    release({ status: 202, body: live });
    await screen.findByText("Sent encrypted");
    expect(backend.posts()).toHaveLength(1);
  });

  it("follows what is being received", async () => {
    const backend = new Backend({
      "POST /transfers": [{ status: 202, body: receiving }],
      [`GET /transfers/${id}/progress`]: [stream({ ...receiving, progress: { received: 5, total: 10 } }, live)],
    });
    const { user } = open(backend);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
  });

  it("names the shared mailbox that the draft lies in", async () => {
    const backend = new Backend({ ...accepted });
    const { user } = open(backend, message({ sharedMailbox: "building@municipality.example" }));
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(body(backend).mailbox).toBe("building@municipality.example");
  });

  it("remembers the reply mailbox for the next message", async () => {
    const backend = new Backend({ ...accepted });
    const { user, held } = open(backend);
    await user.click(await screen.findByRole("combobox", { name: "Replies go to" }));
    await user.click(await screen.findByRole("option", { name: "Building › Permits" }));
    await screen.findByText("Read by those who read building@municipality.example");
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(body(backend).options).toMatchObject({ replyMailbox: "building", replyTopic: "permits" });
    expect(held.roaming["sd.options"]).toMatchObject({ replyMailbox: "building", replyTopic: "permits" });
  });

  it("says what is in the way and sends nothing", async () => {
    const backend = new Backend({ ...accepted });
    const { user } = open(backend, message({ to: [] }));
    await user.click(await sendButton());
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Add at least one recipient");
    expect(backend.posts()).toHaveLength(0);
    await accessible();
  });
});

describe("files", () => {
  it("leaves out what is crossed out, found again after saving", async () => {
    const backend = new Backend({ ...accepted });
    const held = message({ files: [{ id: "temp/1", name: "a.pdf", size: 1 }, { id: "temp/2", name: "b.pdf", size: 2 }] });
    const { user } = open(backend, held);
    await user.click(await screen.findByRole("button", { name: "Do not send a.pdf" }));
    await screen.findByRole("button", { name: "Send a.pdf after all" });
    held.files = [{ id: "stored/1", name: "a.pdf", size: 1 }, { id: "stored/2", name: "b.pdf", size: 2 }];
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(body(backend).leaveOut).toEqual(["stored-1"]);
  });

  it("uploads added files under the key of the transfer, and only after Send", async () => {
    const backend = new Backend({ ...accepted });
    const { user } = open(backend);
    await user.upload(await screen.findByTestId("chooser"), [new File(["abc"], "one.zip"), new File(["defg"], "two.zip")]);
    await screen.findByText("two.zip");
    await user.click(screen.getByRole("button", { name: "Remove one.zip" }));
    fireEvent.drop(screen.getByTestId("drop"), { dataTransfer: { files: [new File(["h"], "three.zip")] } });
    await screen.findByText("three.zip");
    expect(backend.uploads).toHaveLength(0);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(backend.uploads.map(({ url }) => url)).toEqual(["u2", "u3"].map((u) => `https://api.example/api/v1/uploads/${key(backend)}/${u}`));
    expect(body(backend).uploads).toEqual(["u2", "u3"]);
  });

  it("sends nothing after a cancel, takes back what was uploaded, and can be sent again", async () => {
    const backend = new Backend({ ...accepted });
    let uploads = 0;
    backend.onUpload = ({ signal }) =>
      ++uploads === 2 ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) : Promise.resolve();
    const { user } = open(backend);
    await user.upload(await screen.findByTestId("chooser"), [new File(["a"], "one.zip"), new File(["b"], "two.zip")]);
    await user.click(await sendButton());
    await waitFor(() => expect(uploads).toBe(2));
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    await screen.findByText("Cancelled. Nothing was sent.");
    expect(backend.posts()).toHaveLength(0);
    expect(backend.calls.filter(({ method }) => method === "DELETE").map(({ path }) => path.split("/").at(-1))).toEqual(["u1"]);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(uploads).toBe(4);
  });
});

it("a cancel in the moment in which the last file arrives still counts", async () => {
  const backend = new Backend({ ...accepted });
  backend.onUpload = async () => (await screen.findByRole("button", { name: "Cancel" })).click();
  const { user } = open(backend);
  await user.upload(await screen.findByTestId("chooser"), [new File(["a"], "one.zip")]);
  await user.click(await sendButton());
  await screen.findByText("Cancelled. Nothing was sent.");
  expect(backend.posts()).toHaveLength(0);
});

describe("failure", () => {
  it("is told with its reason, and trying again repeats the same request under the same key", async () => {
    const backend = new Backend({ "POST /transfers": ["lost", { status: 202, body: live }] });
    const { user } = open(backend);
    await user.click(await sendButton());
    await screen.findByText("We do not know yet whether it was sent");
    expect(screen.queryByRole("button", { name: "Change the message" })).toBeNull();
    await accessible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByText("Sent encrypted");
    expect(key(backend, 1)).toBe(key(backend, 0));
    expect(body(backend, 1)).toEqual(body(backend, 0));
  });

  it("of a refused request can be mended under the same key", async () => {
    const refused = problem(400, "code_too_weak", "The password is too weak.");
    const backend = new Backend({ "POST /transfers": [refused, { status: 202, body: live }] });
    const { user } = open(backend);
    await user.click(await sendButton());
    await screen.findByText(/The password is too weak/);
    expect(screen.getByText("Reference for support: req-1")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Change the message" }));
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(key(backend, 1)).toBe(key(backend, 0));
  });

  it("while receiving keeps the key for trying again, and a changed message takes a new one", async () => {
    const failed = { ...receiving, state: "failed", detail: "Outlook denies access." };
    const backend = new Backend({ "POST /transfers": [{ status: 202, body: failed }, { status: 202, body: failed }, { status: 202, body: live }] });
    const { user } = open(backend);
    await user.click(await sendButton());
    await screen.findByText(/Outlook denies access/);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(backend.posts()).toHaveLength(2));
    await user.click(await screen.findByRole("button", { name: "Change the message" }));
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(key(backend, 1)).toBe(key(backend, 0));
    expect(body(backend, 1)).toEqual(body(backend, 0));
    expect(key(backend, 2)).not.toBe(key(backend, 0));
  });

  it("of a key that stands for another request sends nothing more and shows the transfers", async () => {
    const backend = new Backend({
      "POST /transfers": [problem(422, "key_reused", "")],
      "GET /transfers": [{ status: 200, body: { transfers: [{ ...live, subject: "The first" }] } }],
    });
    const { user } = open(backend, message({ marks: { "sd.key": "old-key-0123456789" } }));
    await user.click(await sendButton());
    await screen.findByText(/It was sent before with other options/);
    await screen.findByText("The first");
    expect(key(backend)).toBe("old-key-0123456789");
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    await accessible();
  });

  it("of Outlook is told in words and nothing is posted", async () => {
    const backend = new Backend({ ...accepted });
    const { user } = open(backend, message(), { saveFails: true });
    await user.click(await sendButton());
    await screen.findByText(/Outlook did not answer/);
    expect(backend.posts()).toHaveLength(0);
  });

  it("to sign in is told in the pane's language, and can be tried again", async () => {
    openOutlook(message(), { language: "de-DE" });
    const services = new Backend().services();
    const signIn = vi.fn(services.signIn).mockRejectedValueOnce(new SignInFault("cancelled"));
    render(<App services={{ ...services, signIn }} />);
    await screen.findByText(/weil das Fenster geschlossen wurde/);
    await userEvent.click(screen.getByRole("button", { name: "Erneut versuchen" }));
    await screen.findByRole("button", { name: "Digital senden" });
  });
});

describe("a reopened pane", () => {
  it("shows what became of the draft", async () => {
    const backend = new Backend({ [`GET /transfers/${id}`]: [{ status: 200, body: live }] });
    const { user, held } = open(backend, message({ marks: { "sd.transfer": id } }));
    await screen.findByText(/This message was sent digitally before/);
    expect(screen.queryByRole("button", { name: "Send Digitally" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Close the message" }));
    await waitFor(() => expect(held.closed).toBe(true));
  });

  it("goes on following a transfer under way", async () => {
    const backend = new Backend({
      [`GET /transfers/${id}`]: [{ status: 200, body: receiving }],
      [`GET /transfers/${id}/progress`]: [stream(live)],
    });
    open(backend, message({ marks: { "sd.transfer": id } }));
    await screen.findByText("Sent encrypted");
    expect(backend.posts()).toHaveLength(0);
  });

  it("asks again with the very same request when the answer was lost", async () => {
    const backend = new Backend({ "POST /transfers": ["lost", { status: 202, body: live }] });
    const { user, held } = open(backend);
    await user.click(await sendButton());
    await screen.findByText("We do not know yet whether it was sent");
    document.body.innerHTML = "";
    open(backend, held);
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    await screen.findByText("Sent encrypted");
    expect(key(backend, 1)).toBe(key(backend, 0));
    expect(body(backend, 1)).toEqual(body(backend, 0));
  });

  it("never wrote a password down", async () => {
    const backend = new Backend({ "POST /transfers": ["lost"] });
    const { user, held } = open(backend);
    await user.click(await screen.findByRole("radio", { name: "Own password" }));
    await user.type(await screen.findByLabelText(/^Password/), "Vr7!kQ2xZ#9p");
    await screen.findByText("Strength: Very strong");
    await user.click(await sendButton());
    await screen.findByText("We do not know yet whether it was sent");
    expect(body(backend).options.password).toBe("Vr7!kQ2xZ#9p");
    const written = JSON.stringify([held.marks, held.roaming, { ...sessionStorage }, { ...localStorage }]);
    expect(written).not.toContain("Vr7!");
  });

  it("sends a draft anew whose transfer failed", async () => {
    const failed = { ...receiving, state: "failed" };
    const backend = new Backend({ [`GET /transfers/${id}`]: [{ status: 200, body: failed }], ...accepted });
    const { user } = open(backend, message({ marks: { "sd.transfer": id, "sd.key": "old-key-0123456789" } }));
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(key(backend)).not.toBe("old-key-0123456789");
  });
});

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

  it("lists the caller's transfers beside a message that is read, page by page", async () => {
    const second = { ...live, id: "01" + id.slice(2), subject: "The second" };
    const backend = new Backend({
      "GET /transfers": [{ status: 200, body: { transfers: [{ ...live, subject: "The first" }], next: "c/1" } }],
      "GET /transfers?cursor=c%2F1": [{ status: 200, body: { transfers: [second] } }],
    });
    const { user } = open(backend, message(), { surface: "read" });
    await screen.findByText("The first");
    await user.click(screen.getByRole("button", { name: "Show more" }));
    const list = (await screen.findByText("The second")).closest("ul")!;
    expect(within(list).getByText("The first")).toBeTruthy();
    await accessible();
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
