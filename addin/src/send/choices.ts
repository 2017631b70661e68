import type { CodeKind, Language, Options, Phone, Request, Settings } from "../api/types";
import type { Remembered } from "../office/remembered";

/** A file added in the pane, uploaded when Send is pressed. */
export interface AddedFile {
  /** Its name at the API, u1, u2, … */
  id: string;
  file: File;
  /** An attachment of the message, which the backend could not fetch itself. */
  attached?: boolean;
}

export interface ReplyChoice {
  mailbox: string;
  topic?: string;
}

export interface Toggles {
  notifyOnOpen: boolean;
  notifyOnDownload: boolean;
  confirmUpload: boolean;
  showFileNames: boolean;
}

export const toggleNames = ["notifyOnOpen", "notifyOnDownload", "confirmUpload", "showFileNames"] as const;

/** Everything the caseworker decides about one message in the pane. */
export interface Choices {
  leftOut: string[];
  added: AddedFile[];
  reply?: ReplyChoice | undefined;
  expiryDays: number;
  code: CodeKind;
  password: string;
  /** Telephone numbers for codes by text message, by address in small letters. */
  phones: Record<string, string>;
  caseId: string;
  language: Language;
  notifySubject: string;
  notifyText: string;
  /** A number in the subject was seen and is sent all the same. */
  subjectConfirmed: boolean;
  toggles: Toggles;
  /** The recipients are asked to send something. */
  request?: Request | undefined;
}

export const phoneOf = ({ phones }: Choices, address: string): string => phones[address.toLowerCase()] ?? "";

/** The numbers of these people, where codes go by text message. */
export function phonesOf(choices: Choices, people: { address: string }[]): Phone[] {
  if (choices.code !== "sms") return [];
  const all = new Map(people.map(({ address }) => [address.toLowerCase(), { address, phone: phoneOf(choices, address).trim() }]));
  return [...all.values()].filter(({ phone }) => phone !== "");
}

/** What stands in the form first: what is remembered, else the organisation's defaults. */
export function firstChoices(settings: Settings, remembered: Remembered): Choices {
  const { defaults, policy } = settings;
  const { codes } = policy;
  return {
    leftOut: [],
    added: [],
    reply: knownReply(settings, remembered) ?? knownReply(settings, defaults),
    expiryDays: Math.min(defaults.expiryDays, policy.maxExpiryDays),
    code: codes.includes(defaults.code) ? defaults.code : (codes[0] ?? "generated"),
    password: "",
    phones: {},
    caseId: "",
    language: defaults.language,
    notifySubject: "",
    notifyText: defaults.signature ?? "",
    subjectConfirmed: false,
    toggles: {
      notifyOnOpen: remembered.notifyOnOpen ?? defaults.notifyOnOpen ?? false,
      notifyOnDownload: remembered.notifyOnDownload ?? defaults.notifyOnDownload ?? false,
      confirmUpload: remembered.confirmUpload ?? defaults.confirmUpload ?? false,
      showFileNames: remembered.showFileNames ?? defaults.showFileNames ?? false,
    },
  };
}

/** A remembered mailbox or topic may be gone by now: then it is not chosen in silence. */
function knownReply(settings: Settings, wish: Pick<Options, "replyMailbox" | "replyTopic">): ReplyChoice | undefined {
  const mailbox = settings.mailboxes.find((m) => m.id === wish.replyMailbox);
  if (!mailbox) return undefined;
  const topic = mailbox.topics.find((t) => t.id === wish.replyTopic);
  return topic ? { mailbox: mailbox.id, topic: topic.id } : { mailbox: mailbox.id };
}

/** The next free name for an added file. */
export function nextFileId(added: AddedFile[]): string {
  const used = added.map(({ id }) => Number(id.slice(1)));
  return `u${Math.max(0, ...used) + 1}`;
}

export function optionsOf(choices: Choices): Options {
  const caseId = choices.caseId.trim();
  const notifySubject = choices.notifySubject.trim();
  const notifyText = choices.notifyText.trim();
  return {
    language: choices.language,
    code: choices.code,
    expiryDays: choices.expiryDays,
    ...choices.toggles,
    ...(choices.code === "password" ? { password: choices.password } : {}),
    ...(choices.reply ? { replyMailbox: choices.reply.mailbox } : {}),
    ...(choices.reply?.topic ? { replyTopic: choices.reply.topic } : {}),
    ...(caseId ? { caseId } : {}),
    ...(choices.request ? { request: choices.request } : {}),
    ...(notifySubject ? { notifySubject } : {}),
    ...(notifyText ? { notifyText } : {}),
  };
}
