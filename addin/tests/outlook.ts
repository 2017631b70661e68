import { OfficeMockObject } from "office-addin-mock";
import type { DraftFile } from "../src/office/draft";

interface Addressee {
  displayName: string;
  emailAddress: string;
}

/** A message being written, as the simulated Outlook holds it. */
export interface Message {
  subject: string;
  to: Addressee[];
  cc: Addressee[];
  bcc: Addressee[];
  files: (Omit<DraftFile, "cloud" | "inline" | "type"> & { attachmentType?: string; isInline?: boolean })[];
  marks: Record<string, string>;
  /** The marks as they were at each saving. */
  saves: Record<string, string>[];
  /** What Outlook answers for the bytes of an attachment. */
  contents: Record<string, { content: string; format: string }>;
  closed: boolean;
  /** Whether closing threw the draft away. */
  discarded?: boolean;
  roaming: Record<string, unknown>;
  sharedMailbox?: string;
}

export const message = (part: Partial<Message> = {}): Message => ({
  subject: "Your application",
  to: [{ displayName: "A citizen", emailAddress: "citizen@home.example" }],
  cc: [],
  bcc: [],
  files: [{ id: "a/1", name: "decision.pdf", size: 1000 }],
  marks: {},
  saves: [],
  contents: { "a/1": { content: btoa("PDF"), format: "base64" } },
  closed: false,
  roaming: {},
  ...part,
});

export interface Traits {
  language?: string;
  background?: string;
  surface?: "compose" | "read";
  sets?: string[];
  /** More members of the message being read. */
  letter?: object;
  /** Makes saving fail. */
  saveFails?: boolean;
}

type Done = (result: { status: string; value?: unknown; error?: { message: string } }) => void;
const ok = (done: Done, value?: unknown): void => done({ status: "succeeded", value });
const refuse = (done: Done): void => done({ status: "failed", error: { message: "refused" } });

/** Puts an Outlook with this message around the code under test. */
export function openOutlook(held: Message, traits: Traits = {}): void {
  const sets = traits.sets ?? ["NestedAppAuth 1.1", "Mailbox 1.14"];
  const office = new OfficeMockObject({
    host: "outlook",
    onReady: () => Promise.resolve({}),
    context: {
      displayLanguage: traits.language ?? "en-US",
      officeTheme: { bodyBackgroundColor: traits.background ?? "#ffffff" },
      requirements: { isSetSupported: (name: string, version: string) => sets.includes(`${name} ${version}`) },
      roamingSettings: {
        get: (name: string) => held.roaming[name],
        set: (name: string, value: unknown) => void (held.roaming[name] = value),
        saveAsync: (done: Done) => ok(done),
      },
      mailbox: {
        userProfile: { emailAddress: "caseworker@municipality.example", displayName: "The caseworker" },
        convertToRestId: (id: string) => id.replaceAll("/", "-"),
        item: traits.surface === "read" ? { subject: "A reply", ...traits.letter } : composeItem(held, traits),
      },
    },
  });
  (globalThis as { Office?: unknown }).Office = office;
}

const people = (held: Message, field: "to" | "cc" | "bcc"): object => ({
  getAsync: (done: Done) => ok(done, held[field]),
  addAsync: (added: Addressee[], done: Done) => {
    held[field] = [...held[field], ...added];
    ok(done);
  },
});

function composeItem(held: Message, traits: Traits): object {
  const shared = held.sharedMailbox;
  return {
    subject: { getAsync: (done: Done) => ok(done, held.subject) },
    to: people(held, "to"),
    cc: people(held, "cc"),
    bcc: people(held, "bcc"),
    getAttachmentsAsync: (done: Done) => ok(done, held.files),
    body: { getAsync: (_: string, done: Done) => ok(done, "<p>Dear citizen</p>") },
    getAttachmentContentAsync: (id: string, done: Done) => {
      const content = held.contents[id];
      return content ? ok(done, content) : refuse(done);
    },
    loadCustomPropertiesAsync: (done: Done) => {
      const copy = { ...held.marks };
      ok(done, {
        get: (name: string) => copy[name],
        set: (name: string, value: string) => void (copy[name] = value),
        saveAsync: (saved: Done) => {
          held.marks = copy;
          ok(saved);
        },
      });
    },
    saveAsync: (done: Done) => {
      if (traits.saveFails) return refuse(done);
      held.saves.push({ ...held.marks });
      return ok(done, "AAMk/draft");
    },
    closeAsync: ({ discardItem }: { discardItem: boolean }, done: Done) => {
      held.closed = true;
      held.discarded = discardItem;
      ok(done);
    },
    ...(shared ? { getSharedPropertiesAsync: (done: Done) => ok(done, { targetMailbox: shared }) } : {}),
  };
}
