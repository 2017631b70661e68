import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ApiFault, LostConnection } from "../src/api/fault";
import type { Transfer } from "../src/api/types";
import { Backend, id, live, receiving, stream, type Answer } from "./backend";
import { fingerprint, hasBegun, recallBegun } from "../src/send/begun";
import { message, type Message } from "./outlook";
import { accepted, accessible, body, key, open, sendButton } from "./pane";

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
    await screen.findByText("Read by those who read building@municipality.example. They can also follow and withdraw this transfer.");
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
    expect(body(backend).leaveOut).toEqual([{ id: "stored-1", name: "a.pdf", nth: 1, of: 1 }]);
  });

  it("leaves out one of several of a name, and says which", async () => {
    const backend = new Backend({ ...accepted });
    const held = message({ files: [{ id: "temp/1", name: "a.pdf", size: 9 }, { id: "temp/2", name: "a.pdf", size: 9 }, { id: "temp/3", name: "a.pdf", size: 5 }] });
    const { user } = open(backend, held);
    await user.click((await screen.findAllByRole("button", { name: "Do not send a.pdf" }))[1]!);
    held.files = held.files.map((file) => ({ ...file, id: file.id.replace("temp", "stored") }));
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(body(backend).leaveOut).toEqual([{ id: "stored-2", name: "a.pdf", nth: 3, of: 3 }]);
  });

  it("sends nothing when it cannot tell what was crossed out", async () => {
    const backend = new Backend({ ...accepted });
    const held = message({ files: [{ id: "temp/1", name: "a.pdf", size: 1 }] });
    const { user } = open(backend, held);
    await user.click(await screen.findByRole("button", { name: "Do not send a.pdf" }));
    held.files = [{ id: "stored/1", name: "a.pdf", size: 1 }, { id: "stored/2", name: "a.pdf", size: 1 }];
    await user.click(await sendButton());
    await screen.findByText(/Please choose again/);
    expect(backend.posts()).toHaveLength(0);
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
    expect(backend.uploads.map(({ endpoint, file }) => [endpoint, file.name])).toEqual(
      ["two.zip", "three.zip"].map((name) => [`https://api.example/api/v1/uploads/${key(backend)}`, name]));
    expect(body(backend).uploads).toEqual(["u1", "u2"]);
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
    expect(backend.calls.filter(({ method }) => method === "DELETE").map(({ path }) => path.split("/").at(-1))).toEqual(["u1", "u2"]);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(uploads).toBe(4);
  });
});

it("the second click of a double click on Send does not press Cancel, which then lies there", async () => {
  const backend = new Backend({ ...accepted });
  backend.onUpload = async () => void fireEvent.click(await screen.findByRole("button", { name: "Cancel" }), { detail: 2 });
  const { user } = open(backend);
  const button = await sendButton();
  await user.upload(screen.getByTestId("chooser"), new File(["x"], "large.bin"));
  await user.click(button);
  await screen.findByText("Sent encrypted");
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

it("a file whose connection breaks says so, and goes on from where it was when the sender tries again", async () => {
  const backend = new Backend({ ...accepted });
  let fail = (_: Error) => {};
  backend.onUpload = ({ sent, broke }) => {
    if (backend.uploads.length > 1) return Promise.resolve();
    sent(1);
    broke();
    return new Promise((_, reject) => (fail = reject));
  };
  const { user } = open(backend);
  await user.upload(await screen.findByTestId("chooser"), new File(["xyz"], "large.bin"));
  await user.click(await sendButton());
  await screen.findByText("The connection broke; trying again");
  screen.getByText("large.bin (1 of 1)");
  fail(new LostConnection());
  await user.click(await screen.findByRole("button", { name: "Try again" }));
  await screen.findByText("Sent encrypted");
  expect(backend.uploads.map(({ at }) => at)).toEqual([undefined, `https://api.example/api/v1/uploads/${key(backend)}/u1`]);
  expect(body(backend).uploads).toEqual(["u1"]);
});

describe("an upload that closing the pane cut off", () => {
  const plan = () => new File(["xyz"], "the citizen's plan.bin", { lastModified: 1 });
  const begin = async (): Promise<Message> => {
    const backend = new Backend();
    backend.onUpload = () => new Promise(() => undefined);
    const { user, held } = open(backend);
    await user.upload(await screen.findByTestId("chooser"), plan());
    await user.click(await sendButton());
    await waitFor(() => expect(localStorage).toHaveLength(1));
    cleanup();
    return held;
  };

  it("goes on in the next pane with the same file, and leaves nothing behind", async () => {
    const held = await begin();
    expect(JSON.stringify({ ...localStorage })).not.toContain("plan");
    const backend = new Backend({ ...accepted });
    const { user } = open(backend, held);
    await screen.findByText(/An upload was cut off/);
    await user.upload(await screen.findByTestId("chooser"), [new File(["new"], "new.bin"), plan()]);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(backend.uploads.map(({ at }) => at)).toEqual([undefined, `https://api.example/api/v1/uploads/${key(backend)}/u1`]);
    expect(localStorage).toHaveLength(0);
  });

  it("is begun anew with a file that was changed, or a day later", async () => {
    const held = await begin();
    const backend = new Backend({ ...accepted });
    const { user } = open(backend, held);
    await user.upload(await screen.findByTestId("chooser"), new File(["xyz"], "the citizen's plan.bin", { lastModified: 2 }));
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(backend.uploads[0]!.at).toBeUndefined();
    localStorage.setItem("sd.uploads.k", JSON.stringify({ since: Date.now() - 86_400_001, at: { [await fingerprint("k", plan())]: "https://a/u1" } }));
    expect(hasBegun("k")).toBe(false); // and a pane says nothing of it
    expect(await recallBegun("k", [{ id: "u1", file: plan() }])).toEqual(new Map());
    expect(localStorage).toHaveLength(0);
  });
});

it("an upload that the backend has forgotten is begun anew", async () => {
  const backend = new Backend({ ...accepted });
  backend.onUpload = ({ at }) => {
    if (backend.uploads.length === 1) return Promise.reject(new LostConnection());
    return at ? Promise.reject(new ApiFault({ type: "", title: "", status: 404, code: "not_found" })) : Promise.resolve();
  };
  const { user } = open(backend);
  await user.upload(await screen.findByTestId("chooser"), new File(["xyz"], "large.bin"));
  await user.click(await sendButton());
  await user.click(await screen.findByRole("button", { name: "Try again" }));
  await screen.findByText("Sent encrypted");
  expect(body(backend).uploads).toEqual(["u2"]);
});

describe("a transfer that is called off while it is received", () => {
  const called = async (last: Transfer) => {
    let release = () => {};
    const ending = new Promise<void>((resolve) => (release = resolve));
    const backend = new Backend({
      "POST /transfers": [{ status: 202, body: receiving }],
      [`GET /transfers/${id}/progress`]: [async () => (await ending, stream(last))],
      [`POST /transfers/${id}/cancel`]: [() => (release(), { status: 200, body: last })],
    });
    const { user } = open(backend);
    await user.click(await sendButton());
    await screen.findByRole("progressbar", { name: "Encrypting" });
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    return backend;
  };

  it("was not sent, and can be changed", async () => {
    await called({ ...receiving, state: "failed", reason: "cancelled" });
    await screen.findByText("Cancelled. Nothing was sent.");
    await sendButton();
  });

  it("too late stands, and it says so", async () => {
    await called(live);
    await screen.findByText(/It was already sent when you cancelled/);
    screen.getByText("Sent encrypted");
  });
});
