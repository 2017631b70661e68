import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { SignInFault } from "../src/auth/fault";
import { App } from "../src/shell/App";
import { Backend, id, live, problem, receiving, stream, type Answer } from "./backend";
import { message, openOutlook } from "./outlook";
import { accepted, accessible, body, key, open, sendButton } from "./pane";

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
      "POST /transfers/search": [{ status: 200, body: { transfers: [{ ...live, subject: "The first" }] } }],
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

it("a token that cannot be had sends nothing, and that is known", async () => {
  const backend = new Backend({ ...accepted });
  const { user } = open(backend);
  const button = await sendButton();
  backend.onToken = () => Promise.reject(new SignInFault("failed"));
  await user.click(button);
  await screen.findByText("It was not sent");
  expect(backend.posts()).toHaveLength(0);
  screen.getByRole("button", { name: "Change the message" });
});

describe("two panes beside one draft", () => {
  /** Two panes, both opened before either sends; they share what is noted on the draft. */
  async function two(backend: Backend) {
    const { user, held } = open(backend);
    const first = await sendButton();
    const { container } = render(<App services={backend.services()} />);
    const second = await within(container).findByRole("button", { name: "Send Digitally" });
    return { user, held, first, second, pane: within(container) };
  }

  it("send once, and the second shows what the first has sent", async () => {
    const backend = new Backend({ ...accepted, [`GET /transfers/${id}`]: [{ status: 200, body: live }] });
    const { user, first, second, pane } = await two(backend);
    await user.click(first);
    await screen.findByText("Sent encrypted");
    await user.click(second);
    await pane.findByText(/This message was sent digitally before/);
    expect(backend.posts()).toHaveLength(1);
  });

  it("use one key while the first is at work", async () => {
    const backend = new Backend({ "POST /transfers": [() => new Promise<Answer>(() => {}), problem(422, "key_reused", "")],
      "POST /transfers/search": [{ status: 200, body: { transfers: [live] } }] });
    const { user, first, second, pane } = await two(backend);
    await user.click(first);
    await waitFor(() => expect(backend.posts()).toHaveLength(1));
    await user.click(second);
    await pane.findByText(/It was sent before with other options/);
    expect(key(backend, 1)).toBe(key(backend, 0));
  });

  it("send a draft whose transfer failed in the other pane", async () => {
    const failed = { ...receiving, state: "failed" as const, detail: "Outlook denies access." };
    const backend = new Backend({ "POST /transfers": [{ status: 202, body: failed }, { status: 202, body: live }] });
    const { user, held, first, second, pane } = await two(backend);
    await user.click(first);
    await screen.findByText(/Outlook denies access/);
    await waitFor(() => expect(held.marks["sd.key"]).toBe(""));
    await user.click(second);
    await pane.findByText("Sent encrypted");
    expect(key(backend, 1)).not.toBe(key(backend, 0));
  });
});
