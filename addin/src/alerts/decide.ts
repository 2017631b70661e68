import { findNumbers, type NumberKind } from "./numbers";

export type Mode = "block" | "prompt" | "off";

/** What the pane keeps for the event, which cannot ask the backend. */
export interface Rules {
  mode: Mode;
  /** Domains of the organisation's own people, in small letters. */
  own: string[];
}

/** What Outlook is asked about a mail. */
export type Part = "recipients" | "attachments" | "subject" | "text" | "marks";

/** What the event knows of the mail that is about to leave. */
export interface Outgoing {
  addresses: string[];
  subject: string;
  body: string;
  attachments: number;
  /** It was sent digitally, or that is under way. */
  digitally: "no" | "running" | "sent";
  /** What Outlook did not tell; it stands above as if there were nothing. */
  untold: Part[];
}

export interface Reason {
  why: "running" | "sent" | "attachment" | "subject" | "body" | "untold";
  kinds: NumberKind[];
  parts: Part[];
}

/**
 * Why this mail should not leave as it is; empty when it may. A message that
 * was sent digitally, or is being sent, never leaves a second time in the
 * clear, whatever the policy says.
 */
export function reasonsOf(mail: Outgoing, rules: Rules): Reason[] {
  if (mail.digitally !== "no") return [{ why: mail.digitally, kinds: [], parts: [] }];
  if (rules.mode === "off") return [];
  const reasons: Reason[] = [];
  const outside = mail.addresses.some((address) => isOutside(address, rules.own));
  if (mail.attachments > 0 && outside) reasons.push({ why: "attachment", kinds: [], parts: [] });
  const subject = kindsIn(mail.subject);
  const body = kindsIn(mail.body);
  if (subject.length > 0) reasons.push({ why: "subject", kinds: subject, parts: [] });
  if (body.length > 0) reasons.push({ why: "body", kinds: body, parts: [] });
  const parts = doubtful(mail, outside);
  if (parts.length > 0) reasons.push({ why: "untold", kinds: [], parts });
  return reasons;
}

/** What was not told and decides: attachments unless all go to colleagues, recipients if there may be attachments. */
function doubtful(mail: Outgoing, outside: boolean): Part[] {
  const untold = (part: Part): boolean => mail.untold.indexOf(part) >= 0;
  return mail.untold.filter((part) => {
    if (part === "attachments") return outside || untold("recipients");
    if (part === "recipients") return !outside && (mail.attachments > 0 || untold("attachments"));
    return true;
  });
}

/** True when somebody may send it all the same. */
export const mayOverrule = (reasons: Reason[], rules: Rules): boolean =>
  rules.mode === "prompt" && reasons.every(({ why }) => why !== "running" && why !== "sent");

function kindsIn(text: string): NumberKind[] {
  const kinds: NumberKind[] = [];
  for (const { kind } of findNumbers(text)) if (kinds.indexOf(kind) < 0) kinds.push(kind);
  return kinds;
}

export function isOutside(address: string, own: string[]): boolean {
  const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  return !own.some((one) => one !== "" && (domain === one || domain.slice(-one.length - 1) === `.${one}`));
}
