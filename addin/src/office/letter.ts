import { attempt } from "./call";
import { supports } from "./host";

/** What a delivered reply says of itself in its headers. */
export interface Origin {
  /** Id of the transfer that it answers. */
  transfer?: string;
  /** Who wrote it, as the mail shows. */
  sender?: string;
  /** It was written to the organisation as a company: Outlook cannot answer it. */
  unanswerable?: boolean;
}

const item = (): Office.MessageRead => Office.context.mailbox.item as Office.MessageRead;

/** Reads which transfer the message being read belongs to; nothing where Outlook does not tell. */
export async function readOrigin(): Promise<Origin> {
  if (typeof item().getAllInternetHeadersAsync !== "function") return {};
  const headers = await attempt<string>((done) => item().getAllInternetHeadersAsync(done));
  const transfer = /^x-senddigitally-transfer:[ \t]*([0-9a-v]{34})[ \t]*$/im.exec(headers ?? "")?.[1];
  const sender = item().from?.displayName;
  const unanswerable = /^x-senddigitally-answer:[ \t]*not-from-outlook[ \t]*$/im.test(headers ?? "");
  return { ...(transfer ? { transfer } : {}), ...(transfer && sender ? { sender } : {}), ...(unanswerable ? { unanswerable } : {}) };
}

/** Opens a reply to the message being read, in its thread. False: this Outlook opens none. */
export async function openReply(): Promise<boolean> {
  if (!supports("Mailbox", "1.9") || typeof item().displayReplyFormAsync !== "function") return false;
  return (await attempt<true>((done) => item().displayReplyFormAsync("", {}, (result) => done({ ...result, value: true } as Office.AsyncResult<true>)))) === true;
}
