import { attempt, call, OutlookFault } from "./call";
import { mailboxAddress, supports } from "./host";

export type Field = "to" | "cc" | "bcc";

export interface Person {
  name: string;
  address: string;
  field: Field;
}

export interface DraftFile {
  id: string;
  name: string;
  size: number;
  type: string;
  /** An image inside the text. */
  inline: boolean;
  /** A link to OneDrive or SharePoint instead of bytes. */
  cloud: boolean;
}

export interface Draft {
  subject: string;
  people: Person[];
  files: DraftFile[];
}

/** Where a saved draft lies. */
export interface SavedDraft {
  /** Its id in the form that Microsoft Graph takes. */
  id: string;
  /** The shared mailbox it lies in; absent for the caller's own. */
  mailbox?: string;
}

const item = (): Office.MessageCompose => Office.context.mailbox.item as Office.MessageCompose;

/** Reads what stands in the compose window now. */
export async function readDraft(): Promise<Draft> {
  const [subject, to, cc, bcc, files] = await Promise.all([
    call<string>((done) => item().subject.getAsync(done)),
    readPeople("to"),
    readPeople("cc"),
    readPeople("bcc"),
    readFiles(),
  ]);
  return { subject, people: [...to, ...cc, ...bcc], files };
}

async function readPeople(field: Field): Promise<Person[]> {
  const people = await call<Office.EmailAddressDetails[]>((done) => item()[field].getAsync(done));
  return people.map((p) => ({ name: p.displayName ?? "", address: (p.emailAddress ?? "").trim(), field }));
}

/** Adds people to one field of the message. */
export function addPeople(field: Field, people: { name: string; address: string }[]): Promise<void> {
  const added = people.map(({ name, address }) => ({ displayName: name || address, emailAddress: address }));
  return call<void>((done) => item()[field].addAsync(added, done));
}

async function readFiles(): Promise<DraftFile[]> {
  const files = await call<Office.AttachmentDetailsCompose[]>((done) => item().getAttachmentsAsync(done));
  return files.map((f) => ({
    id: f.id,
    name: f.name,
    size: f.size,
    type: (f as { contentType?: string }).contentType ?? "",
    inline: f.isInline,
    cloud: String(f.attachmentType) === "cloud",
  }));
}

/** Saves the draft and tells where it lies. */
export async function saveDraft(): Promise<SavedDraft> {
  const id = await call<string>((done) => item().saveAsync(done), 60_000);
  if (!id) throw new OutlookFault("refused");
  const mailbox = await sharedMailbox();
  return { id: restId(id), ...(mailbox ? { mailbox } : {}) };
}

/** An id as Microsoft Graph takes it; Outlook hands out Exchange's own form. */
export function restId(id: string): string {
  return Office.context.mailbox.convertToRestId?.(id, "v2.0") ?? id;
}

export async function sharedMailbox(): Promise<string | undefined> {
  const target = item();
  if (typeof target.getSharedPropertiesAsync !== "function") return undefined;
  const shared = await attempt<Office.SharedProperties>((done) => target.getSharedPropertiesAsync(done));
  const address = shared?.targetMailbox;
  return address && !sameAddress(address, mailboxAddress()) ? address : undefined;
}

export const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Calls back when recipients or attachments change, where Outlook tells. */
export async function onDraftChange(changed: () => void): Promise<void> {
  for (const event of ["olkRecipientsChanged", "olkAttachmentsChanged"]) {
    await attempt<void>((done) => item().addHandlerAsync(event, changed, done));
  }
}

/** The message's text as HTML. */
export const readBody = (): Promise<string> => call<string>((done) => item().body.getAsync("html" as Office.CoercionType, done), 60_000);

// Some never call back on a slow line (office-js issue 5845).
const contentLimitMs = 180_000;

/** The bytes of an attachment, as Outlook holds them. Rejects with OutlookFault, also for a link to a file in the cloud. */
export async function readContent(file: DraftFile): Promise<File> {
  const { content, format } = await call<Office.AttachmentContent>((done) => item().getAttachmentContentAsync(file.id, done), contentLimitMs);
  if (String(format) === "base64") return new File([bytesOf(content)], file.name, { type: file.type });
  if (String(format) === "eml") return new File([content], ending(file.name, ".eml"), { type: "message/rfc822" });
  if (String(format) === "iCalendar") return new File([content], ending(file.name, ".ics"), { type: "text/calendar" });
  throw new OutlookFault("missing", file.name);
}

const ending = (name: string, end: string): string => (name.toLowerCase().endsWith(end) ? name : name + end);

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Closes the compose window; discards the draft, or saves it where it is the only copy. False: this Outlook cannot. */
export async function closeDraft(discardItem: boolean): Promise<boolean> {
  const target = item();
  if (!supports("Mailbox", "1.14") || typeof target.closeAsync !== "function") return false;
  try {
    await call<void>((done) => target.closeAsync({ discardItem }, done));
    return true;
  } catch {
    return false;
  }
}
