import { call } from "./call";

/**
 * What the pane writes onto the draft itself, so that it survives a closed
 * pane: the idempotency key of its transfer, the transfer's id once accepted,
 * and a nonce that shows whether a copy of the draft is the one saved last.
 * Outlook keeps them as custom properties (2,500 characters for all).
 */
export interface Marks {
  key?: string;
  transfer?: string;
  nonce?: string;
  /** Since when it is being sent, as an ISO time; empty when it is not. The send event heeds it. */
  running?: string;
}

const names = { key: "sd.key", transfer: "sd.transfer", nonce: "sd.nonce", running: "sd.running" } as const;
const all = Object.keys(names) as (keyof Marks)[];

const load = (): Promise<Office.CustomProperties> =>
  call((done) => (Office.context.mailbox.item as Office.MessageCompose).loadCustomPropertiesAsync(done));

export async function readMarks(): Promise<Marks> {
  const properties = await load();
  const marks: Marks = {};
  for (const name of all) {
    const value: unknown = properties.get(names[name]);
    if (typeof value === "string" && value !== "") marks[name] = value;
  }
  return marks;
}

/** Writes the given marks and leaves the others. The draft must be saved afterwards. */
export async function writeMarks(marks: Marks): Promise<void> {
  const properties = await load();
  for (const name of all) {
    const value = marks[name];
    if (value !== undefined) properties.set(names[name], value);
  }
  await call<void>((done) => properties.saveAsync(done));
}
