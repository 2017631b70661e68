// @vitest-environment node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const script = readFileSync(join(import.meta.dirname, "../dist/onsend.js"), "utf8");

interface Mail {
  to?: string[];
  subject?: string;
  body?: string;
  files?: { isInline: boolean }[];
  marks?: Record<string, string>;
  kept?: unknown;
  language?: string;
  /** Members of the item that never call back, fail, or are missing. */
  silent?: string[];
  failing?: string[];
  missing?: string[];
  /** Every answer is one that makes no sense. */
  broken?: boolean;
  settingsFail?: boolean;
}

type Done = (result: object) => void;

/** Runs the built file as classic Outlook does: no window, no document, no module, no newer built-ins. */
function press(mail: Mail): Record<string, unknown>[] {
  const completed: Record<string, unknown>[] = [];
  const handlers: Record<string, (event: object) => void> = {};
  const reply = (name: string, value: unknown) => (...args: unknown[]) => {
    const done = args[args.length - 1] as Done;
    if (mail.silent?.includes(name)) return;
    if (mail.broken) return done({ status: "succeeded", value: [null] });
    done(mail.failing?.includes(name) ? { status: "failed", error: {} } : { status: "succeeded", value });
  };
  const people = (list: string[]) => list.map((emailAddress) => ({ emailAddress }));
  const item: Record<string, unknown> = {
    to: { getAsync: reply("to", people(mail.to ?? ["colleague@municipality.example"])) },
    cc: { getAsync: reply("cc", []) },
    bcc: { getAsync: reply("bcc", []) },
    subject: { getAsync: reply("subject", mail.subject ?? "Hello") },
    body: { getAsync: reply("body", mail.body ?? "Text") },
    getAttachmentsAsync: reply("files", mail.files ?? []),
    loadCustomPropertiesAsync: reply("marks", { get: (name: string) => mail.marks?.[name] }),
  };
  for (const name of mail.missing ?? []) delete item[name];
  const Office = {
    actions: { associate: (name: string, handler: (event: object) => void) => void (handlers[name] = handler) },
    context: {
      displayLanguage: mail.language ?? "en-US",
      roamingSettings: mail.settingsFail ? undefined : { get: () => mail.kept },
      mailbox: { userProfile: { emailAddress: "caseworker@municipality.example" }, item },
    },
  };
  const context = createContext({ Office, setTimeout: (run: () => void, ms: number) => setTimeout(run, ms) });
  const newer = ["Array.prototype.flat", "Array.prototype.flatMap", "Array.prototype.at", "Object.entries", "Object.values", "Object.fromEntries", "String.prototype.matchAll", "String.prototype.padStart", "String.prototype.replaceAll", "globalThis.structuredClone", "Promise.allSettled"];
  runInContext(newer.map((name) => `delete ${name};`).join(""), context);
  runInContext(script, context);
  handlers.onMessageSend!({ completed: (options: Record<string, unknown>) => void completed.push(options) });
  return completed;
}

const citizen = { to: ["citizen@home.example"] };
const file = { files: [{ isInline: false }] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("an ordinary mail", () => {
  it.each<[string, Mail]>([
    ["to a colleague with an attachment", file],
    ["to a citizen without one", citizen],
    ["to a citizen with an image in the text", { ...citizen, files: [{ isInline: true }] }],
    ["with a telephone number", { body: "tlf. 2110625629" }],
    ["with anything, where the policy is off", { ...citizen, ...file, subject: "211062-5629", kept: { mode: "off" } }],
    ["to another domain of one's own", { to: ["x@sub.town.example"], ...file, kept: { mode: "block", own: ["town.example"] } }],
  ])("%s leaves", (_, mail) => expect(press(mail)).toEqual([{ allowEvent: true }]));

  it.each<[string, Mail, string]>([
    ["with an attachment for somebody outside", { ...citizen, ...file }, "attachment"],
    ["with a number in the subject", { subject: "Om 211062-5629" }, "The subject seems to contain a national identity number (CPR)"],
    ["with a number in the text", { body: "Fnr 15108695088 og BSN 111222333" }, "fødselsnummer, BSN"],
    ["to a domain that only ends like one's own", { to: ["x@notmunicipality.example"], ...file }, "outside"],
  ])("%s does not, and is told why without the number", (_, mail, why) => {
    const [answer, more] = press(mail);
    expect(answer).toMatchObject({ allowEvent: false, commandId: "Send.Button", cancelLabel: "Send Digitally" });
    expect(answer!.errorMessage).toContain(why);
    expect(JSON.stringify(answer)).not.toMatch(/211062|15108695088|111222333/);
    expect(answer).not.toHaveProperty("sendModeOverride");
    expect(more).toBeUndefined();
  });

  it("may be sent all the same where the policy only asks", () => {
    expect(press({ ...citizen, ...file, kept: { mode: "prompt" } })).toMatchObject([{ allowEvent: false, sendModeOverride: "promptUser" }]);
  });

  it("is answered in the caseworker's language", () => {
    for (const [language, word] of [["da-DK", "vedhæftet"], ["nb-NO", "vedlegg"], ["nn-NO", "vedlegg"], ["nl-NL", "bijlage"], ["sv-SE", "bilaga"], ["de-DE", "Anhang"], ["fr-FR", "attachment"]] as const) {
      expect(press({ ...citizen, ...file, language })[0]!.errorMessage).toContain(word);
    }
  });

  it("is held by the strictest rule while no policy is known, or a strange one", () => {
    for (const kept of [undefined, {}, { mode: "whatever", own: "x" }]) {
      expect(press({ ...citizen, ...file, kept })).toMatchObject([{ allowEvent: false }]);
    }
  });
});

describe("a message of Send Digitally", () => {
  it("never leaves again in the clear, whatever the policy", () => {
    for (const mode of ["block", "prompt", "off"]) {
      const [answer] = press({ marks: { "sd.transfer": "00ab" }, kept: { mode } });
      expect(answer).toMatchObject({ allowEvent: false });
      expect(answer).not.toHaveProperty("sendModeOverride");
    }
  });

  it("does not leave while it is being sent", () => {
    expect(press({ marks: { "sd.running": new Date(Date.now() - 60_000).toISOString() } })).toMatchObject([{ allowEvent: false }]);
  });

  it("leaves when the pane gave up long ago, or cleared its marks", () => {
    expect(press({ marks: { "sd.running": new Date(Date.now() - 7_200_000).toISOString() } })).toEqual([{ allowEvent: true }]);
    expect(press({ marks: { "sd.running": "", "sd.transfer": "", "sd.key": "k" } })).toEqual([{ allowEvent: true }]);
  });
});

describe("an Outlook that does not tell all", () => {
  /** Waits as long as the event does for what never comes. */
  const outwait = (mail: Mail): Record<string, unknown>[] => {
    const completed = press(mail);
    vi.advanceTimersByTime(4500);
    return completed;
  };

  it("is answered once, within its five seconds", () => {
    const completed = press({ ...citizen, ...file, silent: ["body", "marks"] });
    expect(completed).toEqual([]);
    vi.advanceTimersByTime(4500);
    expect(completed).toMatchObject([{ allowEvent: false }]);
    vi.advanceTimersByTime(60_000);
    expect(completed).toHaveLength(1);
  });

  it("that refuses or lacks a member still gets an answer", () => {
    expect(press({ ...citizen, ...file, failing: ["body"], missing: ["loadCustomPropertiesAsync", "cc"] })).toMatchObject([{ allowEvent: false }]);
  });

  const doubtful: [string, Mail, string][] = [
    ["the attachments of a mail to somebody outside", { ...citizen, ...file, silent: ["files"] }, "the attachments"],
    ["for whom an attachment is", { ...citizen, ...file, silent: ["to"] }, "the recipients"],
    ["who has a copy of an attachment", { ...file, silent: ["bcc"] }, "the recipients"],
    ["neither the recipients nor the attachments", { silent: ["to", "files"] }, "the recipients, the attachments"],
    ["the subject", { silent: ["subject"] }, "the subject"],
    ["the text, with a number that nobody saw", { body: "211062-5629", silent: ["body"] }, "the text"],
    ["whether it was sent digitally", { marks: { "sd.transfer": "00ab" }, silent: ["marks"] }, "whether it was already sent"],
    ["anything that makes sense", { broken: true }, "the recipients, the attachments, the subject, the text, whether it was already sent"],
  ];
  const refused = doubtful.map(([what, { silent, ...mail }, part]): [string, Mail, string] => [`${what}, and says so`, { ...mail, ...(silent ? { failing: silent } : {}) }, part]);

  it.each([...doubtful, ...refused])("%s: the mail stays, and one may try again or be asked by the policy", (_, mail, part) => {
    const [answer] = outwait(mail);
    expect(answer).toMatchObject({ allowEvent: false, commandId: "Send.Button" });
    expect(answer!.errorMessage).toContain(`Outlook did not answer: ${part}`);
    expect(answer!.errorMessage).toContain("Try again in a moment, or use Send Digitally.");
    expect(answer).not.toHaveProperty("sendModeOverride");
    expect(outwait({ ...mail, kept: { mode: "prompt" } })).toMatchObject([{ allowEvent: false, sendModeOverride: "promptUser" }]);
    expect(outwait({ ...mail, kept: { mode: "off" } })).toEqual([{ allowEvent: true }]);
  });

  it.each<[string, Mail]>([
    ["the attachments of a mail among colleagues", { ...file, silent: ["files"] }],
    ["for whom a mail without attachment is", { ...citizen, silent: ["to", "cc", "bcc"] }],
  ])("%s does no harm", (_, mail) => expect(outwait(mail)).toEqual([{ allowEvent: true }]));

  it("leaves when it is told at the next try", () => {
    const mail: Mail = { ...citizen, silent: ["files"] };
    expect(outwait(mail)).toMatchObject([{ allowEvent: false }]);
    expect(press({ ...mail, silent: [] })).toEqual([{ allowEvent: true }]);
  });

  it("does not hide what is certain", () => {
    const [answer] = outwait({ ...citizen, ...file, silent: ["body"] });
    expect(answer!.errorMessage).toMatch(/attachment for somebody outside.*the text.*Use Send Digitally\.$/);
    expect(answer!.errorMessage).not.toContain("Try again");
  });

  it("is explained in the caseworker's language, within the 500 characters that Outlook shows", () => {
    for (const [language, word] of [["da", "Prøv igen"], ["nb", "Prøv igjen"], ["nl", "opnieuw"], ["sv", "Försök igen"], ["de", "noch einmal"], ["en", "Try again"]] as const) {
      const said = outwait({ broken: true, language })[0]!.errorMessage as string;
      expect(said).toContain(word);
      expect(said.length).toBeLessThan(500);
    }
  });

  it("nor its settings is held by the strictest rule", () => {
    expect(press({ ...citizen, ...file, kept: { mode: "off" }, settingsFail: true })).toMatchObject([{ allowEvent: false }]);
  });
});

it("the built file imports nothing and is in the language of classic Outlook", () => {
  expect(script).not.toMatch(/\bimport\b|\brequire\(|\basync\b|\bawait\b|\?\?|\?\.[a-z]|\(\?<|\*\*=/);
});
