import { render, screen } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { expect } from "vitest";
import { App } from "../src/shell/App";
import { Backend, live } from "./backend";
import { message, openOutlook, type Message, type Traits } from "./outlook";

/** Routes of a backend that takes what is sent. */
export const accepted = { "POST /transfers": [{ status: 202, body: live }] };

/** Opens the pane beside a message. */
export function open(backend: Backend, held: Message = message(), traits: Traits = {}): { user: UserEvent; held: Message } {
  openOutlook(held, traits);
  render(<App services={backend.services()} />);
  return { user: userEvent.setup({ pointerEventsCheck: 0 }), held };
}

export const sendButton = (): Promise<HTMLElement> => screen.findByRole("button", { name: "Send Digitally" });

export const body = (backend: Backend, n = 0) => JSON.parse(backend.posts()[n]!.body);

export const key = (backend: Backend, n = 0): string | null => backend.posts()[n]!.headers.get("Idempotency-Key");

/** Holds what axe can tell without drawing; tools/shots.mjs asks for the rest. */
export async function accessible(): Promise<void> {
  const rules = { "color-contrast": { enabled: false }, region: { enabled: false }, "page-has-heading-one": { enabled: false } };
  const { violations } = await axe.run(document.body, { rules, iframes: false });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`)).toEqual([]);
}
