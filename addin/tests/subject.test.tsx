import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { Backend, live, problem, settings } from "./backend";
import { message } from "./outlook";
import { accepted, accessible, body, open, sendButton } from "./pane";

const numbered = () => message({ subject: "About 211062-5629" });

it("a number in the subject is questioned, and sent only when the sender says so", async () => {
  const backend = new Backend({ ...accepted });
  const { user } = open(backend, numbered());
  await screen.findByText(/seems to contain a national identity number \(CPR\)/);
  await accessible();
  await user.click(await sendButton());
  expect((await screen.findByRole("alert")).textContent).toContain("Confirm the subject");
  expect(backend.posts()).toHaveLength(0);
  await user.click(screen.getByRole("checkbox", { name: /Send it all the same/ }));
  await user.click(await sendButton());
  await screen.findByText("Sent encrypted");
  expect(body(backend).overrides).toEqual(["subject"]);
});

it("an ordinary subject is not questioned, and nothing is overridden", async () => {
  const backend = new Backend({ ...accepted });
  const { user } = open(backend);
  await user.click(await sendButton());
  await screen.findByText("Sent encrypted");
  expect(body(backend)).not.toHaveProperty("overrides");
});

it("the send event finds the organisation's rules, and the marks of what is sent", async () => {
  const rules = { ...settings, policy: { ...settings.policy, alerts: "prompt" } };
  const backend = new Backend({ ...accepted, "GET /settings": [{ status: 200, body: rules }] });
  const { user, held } = open(backend);
  await user.click(await sendButton());
  await screen.findByText("Sent encrypted");
  expect(held.roaming["sd.alerts"]).toEqual({ mode: "prompt", own: ["municipality.example"] });
  expect(held.marks["sd.transfer"]).toBe(live.id);
  expect(Date.parse(held.saves.at(-1)!["sd.running"]!)).toBeGreaterThan(Date.now() - 60_000);
});

it("a message of which nothing was sent may leave in the ordinary way again", async () => {
  const backend = new Backend({ "POST /transfers": [problem(422, "invalid", "No.")] });
  const { user, held } = open(backend);
  await user.click(await sendButton());
  await screen.findByText(/No\./);
  await waitFor(() => expect(held.marks["sd.running"]).toBe(""));
  expect(held.marks["sd.transfer"]).toBe("");
});
