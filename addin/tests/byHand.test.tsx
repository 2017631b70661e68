import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { Backend, live, receiving } from "./backend";
import { message } from "./outlook";
import { body, key, open, sendButton } from "./pane";

const unseen = { ...receiving, state: "failed" as const, reason: "draft_not_found", detail: "Outlook does not show the draft yet." };
const twoAnswers = (second = { ...live, filed: false }) => new Backend({ "POST /transfers": [{ status: 202, body: unseen }, { status: 202, body: second }] });

it("a draft that the server does not see is handed over by the pane, once, as the same message", async () => {
  const backend = twoAnswers();
  const held = message({
    files: [{ id: "a/1", name: "decision.pdf", size: 3 }, { id: "a/2", name: "Old mail", size: 9 }, { id: "a/3", name: "out.txt", size: 1 }],
    contents: { "a/1": { content: btoa("\u00ffPDF"), format: "base64" }, "a/2": { content: "From: x", format: "eml" } },
    cc: [{ displayName: "cc@home.example", emailAddress: "cc@home.example" }],
    sharedMailbox: "building@municipality.example",
  });
  const { user } = open(backend, held);
  await user.upload(await screen.findByTestId("chooser"), new File(["large"], "large.bin"));
  await user.click(screen.getByRole("button", { name: "Do not send out.txt" }));
  await user.click(await sendButton());
  await screen.findByText("Sent encrypted");
  const [first, second] = [body(backend, 0), body(backend, 1)];
  expect(key(backend, 1)).not.toBe(key(backend, 0));
  expect(second).not.toHaveProperty("draftId");
  expect(second).toMatchObject({ mailbox: "building@municipality.example", options: first.options, uploads: ["u1", "u2", "u3"] });
  expect(second.message).toEqual({
    subject: "Your application",
    html: "<p>Dear citizen</p>",
    recipients: [
      { address: "citizen@home.example", name: "A citizen", field: "to" },
      { address: "cc@home.example", field: "cc" },
    ],
  });
  const uploads = backend.uploads.filter(({ endpoint }) => endpoint.endsWith(key(backend, 1)!));
  expect(uploads.map(({ file }) => [file.name, file.size])).toEqual([
    ["large.bin", 5], ["decision.pdf", 4], ["Old mail.eml", 7],
  ]);
  expect(held.marks["sd.key"]).toBe(key(backend, 1));
  await user.click(screen.getByRole("button", { name: "Close the message" }));
  await waitFor(() => expect(held).toMatchObject({ closed: true, discarded: false }));
});

it("of two attachments alike, the one that is not crossed out is handed over", async () => {
  const backend = twoAnswers();
  const alike = { name: "plan.pdf", size: 3 };
  const { user } = open(backend, message({
    files: [{ id: "a/1", ...alike }, { id: "a/2", ...alike }],
    contents: { "a/2": { content: btoa("PDF"), format: "base64" } },
  }));
  await user.click((await screen.findAllByRole("button", { name: "Do not send plan.pdf" }))[0]!);
  await user.click(await sendButton());
  await screen.findByText("Sent encrypted");
  expect(body(backend, 1).uploads).toEqual(["u1"]);
});

it("where Outlook does not give the bytes either, nothing is sent and it says why", async () => {
  const backend = twoAnswers();
  const { user } = open(backend, message({ contents: { "a/1": { content: "https://files.example", format: "url" } } }));
  await user.click(await sendButton());
  await screen.findByText(/Outlook did not answer/);
  expect(backend.posts()).toHaveLength(1);
});

it("any other failure is not tried in another way", async () => {
  const backend = new Backend({ "POST /transfers": [{ status: 202, body: { ...unseen, reason: "mailbox_refused" } }] });
  const { user } = open(backend);
  await user.click(await sendButton());
  await screen.findByText("It was not sent");
  expect(backend.posts()).toHaveLength(1);
});

it("trying again takes each attachment once", async () => {
  const backend = twoAnswers();
  let tries = 0;
  backend.onUpload = () => (++tries === 1 ? Promise.reject(new Error("broken")) : Promise.resolve());
  const { user } = open(backend);
  await user.click(await sendButton());
  await user.click(await screen.findByRole("button", { name: "Try again" }));
  await screen.findByText("Sent encrypted");
  expect(body(backend, 1).uploads).toEqual(["u2"]);
});
