// The shapes of backend/api/openapi.yaml that the pane uses, under its names.

export type Language = "da" | "nb" | "nl" | "sv" | "de" | "en";
export type CodeKind = "none" | "generated" | "password" | "sms" | "mail";
/** The recipients are asked to send something: each once, or as often as she likes. */
export type Request = "once" | "many";
export type TransferState = "receiving" | "failed" | "live" | "withdrawn" | "expired" | "erased";

export interface Topic {
  id: string;
  name: string;
}

export interface Mailbox {
  id: string;
  name: string;
  address: string;
  topics: Topic[];
}

export type Alerts = "block" | "prompt" | "off";

export interface Policy {
  organisation: string;
  expiryDays: number;
  maxExpiryDays: number;
  maxTransferBytes: number;
  maxFileBytes: number;
  maxFiles: number;
  maxRecipients: number;
  codes: CodeKind[];
  minPassword: number;
  /** Country code of telephone numbers that are written without one; "" is none. */
  phoneCountry: string;
  languages: Language[];
  /** The sender may see the recipients' links, to pass one on herself. */
  senderLinks: boolean;
  /** What happens before an ordinary mail leaves that should have been sent digitally. */
  alerts: Alerts;
}

/** A caseworker's own choices, as the backend keeps them. */
export interface Defaults {
  expiryDays?: number;
  language?: Language;
  code?: CodeKind;
  replyMailbox?: string;
  replyTopic?: string;
  notifyOnOpen?: boolean;
  notifyOnDownload?: boolean;
  confirmUpload?: boolean;
  showFileNames?: boolean;
  signature?: string;
}

export interface Settings {
  caller: { name: string; address: string; roles: string[] };
  policy: Policy;
  mailboxes: Mailbox[];
  defaults: Defaults & Required<Pick<Defaults, "expiryDays" | "language" | "code">>;
}

export interface Options {
  language: Language;
  code: CodeKind;
  expiryDays?: number;
  password?: string;
  replyMailbox?: string;
  replyTopic?: string;
  caseId?: string;
  notifySubject?: string;
  notifyText?: string;
  notifyOnOpen?: boolean;
  notifyOnDownload?: boolean;
  confirmUpload?: boolean;
  showFileNames?: boolean;
  request?: Request;
}

export type RecipientMark = "invalid" | "duplicate" | "own" | "signs_in" | "outside" | "new" | "lookalike";

export interface CheckedRecipient {
  address: string;
  name?: string;
  marks: RecipientMark[];
  /** The known address that this one could be taken for. */
  like?: string;
  /** Who is written to by this address, which answers a delivered reply; the marks are about her. */
  replier?: Party;
}

export interface PreviewRequest extends Pick<Options, "language" | "code" | "expiryDays" | "notifySubject" | "notifyText" | "showFileNames" | "request"> {
  files?: string[];
}

export interface Preview {
  from: string;
  subject: string;
  text: string;
  html: string;
}

/** A message that the backend is not to read from Outlook itself. */
export interface Message {
  subject: string;
  html?: string;
  text?: string;
  recipients: { address: string; name?: string; field: "to" | "cc" | "bcc"; phone?: string }[];
}

/** Where a recipient of a draft gets her codes by text message. */
export interface Phone {
  address: string;
  phone: string;
}

/** An attachment of the draft that is not to be sent: the nth of all those with its name, the smallest first. */
export interface LeftOut {
  id: string;
  name: string;
  nth: number;
  of: number;
}

export interface SendRequest {
  draftId?: string;
  message?: Message;
  mailbox?: string;
  nonce?: string;
  leaveOut?: LeftOut[];
  uploads?: string[];
  phones?: Phone[];
  /** What the sender was warned of and does all the same; audited. */
  overrides?: "subject"[];
  options: Options;
}

export interface StoredFile {
  id: string;
  name: string;
  type: string;
  size: number;
  /** Nobody gets it, or not yet, because of the check for malware. */
  held?: boolean;
  /** How it stands in that check, as a sentence. */
  detail?: string;
}

export type RecipientWord =
  | "waiting"
  | "notified"
  | "opened"
  | "downloaded"
  | "replied"
  | "discarded"
  | "withdrawn"
  | "undeliverable"
  | "uncertain";

export interface RecipientState {
  id: string;
  name?: string;
  address: string;
  field: "to" | "cc" | "bcc";
  state: RecipientWord;
  notifiedAt?: string;
  openedAt?: string;
  repliedAt?: string;
  remindedAt?: string;
  downloads?: { file: string; times: number }[];
  /** Own staff: she reads after signing in, without link and code. */
  signsIn?: boolean;
  /** Why she cannot be reached. */
  reason?: string;
  detail?: string;
}

export interface Transfer {
  id: string;
  state: TransferState;
  progress: { received: number; total: number };
  detail?: string;
  /** Stable code, when failed. */
  reason?: string;
  sender?: { name?: string; address: string };
  subject?: string;
  acceptedAt?: string;
  expiresAt?: string;
  /** Until when a withdrawal can be undone. */
  undoUntil?: string;
  /** Why nothing has been sent to the recipients yet, as a sentence. */
  quarantine?: string;
  encrypted?: boolean;
  filed?: boolean;
  codeKind?: CodeKind;
  /** The generated code to pass on; lists have none. */
  code?: string;
  replyMailbox?: string;
  replyTopic?: string;
  caseId?: string;
  request?: Request;
  files?: StoredFile[];
  recipients?: RecipientState[];
}

export type Filter = "attention" | "unopened" | "available" | "ended";

export interface SearchRequest {
  /** Address of a mailbox whose transfers are wanted, not the caller's. */
  mailbox?: string;
  text?: string;
  filter?: Filter;
  cursor?: string;
  limit?: number;
}

export interface OwnLink {
  recipient: string;
  url: string;
}

export interface TransferPage {
  transfers: Transfer[];
  next?: string;
}

export interface Party {
  name?: string;
  address: string;
}

/** What was sent to the caller, who is own staff. */
export interface Received {
  id: string;
  sender: Party;
  subject: string;
  receivedAt: string;
  expiresAt: string;
  fileCount: number;
  opened: boolean;
}

export interface ReceivedMessage extends Received {
  to: Party[];
  cc: Party[];
  files: StoredFile[];
}

export interface ReceivedPage {
  messages: Received[];
  next?: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  instance?: string;
  fields?: { field: string; rule: string; message: string }[];
}
