import { Api, type TokenSource } from "../api/client";
import type { Language, Settings } from "../api/types";
import type { Session } from "../auth/signIn";
import { readDraft, sameAddress, saveDraft, type Draft } from "../office/draft";
import { readOrigin, type Origin } from "../office/letter";
import { mailboxAddress, surface } from "../office/host";
import { readMarks, type Marks } from "../office/marks";
import { keepRules } from "../office/rules";
import { newAttempt } from "../send/attempt";
import { hasBegun } from "../send/begun";
import { recallAttempt } from "../send/kept";
import { sentBefore } from "../send/sentBefore";
import type { Start } from "../send/useSending";

/** What the pane needs from outside; tests put their own in. */
export interface Services {
  signIn: () => Promise<Session>;
  api: (token: TokenSource, language: Language) => Api;
}

export interface Ready {
  api: Api;
  settings: Settings;
  /** The account that is signed in, when it is not the mailbox's own. */
  otherAccount?: { account: string; mailbox: string };
  /** Absent beside a message that is only read. */
  compose?: { draft: Draft; start: Start };
  /** What the message being read says of its transfer. */
  origin: Origin;
}

/** Signs in, asks for the settings, reads the message and what became of it before. */
export async function boot(services: Services, language: Language): Promise<Ready> {
  const session = await services.signIn();
  const api = services.api(session.token, language);
  const settings = await api.settings();
  const account = otherAccount(session.account, settings);
  void keepRules(settings);
  return {
    api,
    settings,
    ...(account ? { otherAccount: account } : {}),
    ...(surface() === "compose" ? { compose: await compose(api), origin: {} } : { origin: surface() === "read" ? await readOrigin() : {} }),
  };
}

/** Outlook may sign in an account other than the mailbox's (msal-js issue 7356): the caseworker is told. */
function otherAccount(account: string, settings: Settings): Ready["otherAccount"] {
  const mailbox = mailboxAddress();
  const known = [account, settings.caller.address];
  return known.some((address) => sameAddress(address, mailbox)) ? undefined : { account, mailbox };
}

async function compose(api: Api): Promise<{ draft: Draft; start: Start }> {
  await saveDraft().catch(() => undefined);
  return { draft: await readDraft(), start: await startOf(api, await readMarks()) };
}

/** Where this draft stands: never sent, perhaps sent, being sent, or sent. */
async function startOf(api: Api, marks: Marks): Promise<Start> {
  const fresh = { key: crypto.randomUUID() };
  if (marks.transfer) return (await known(api, marks.transfer)) ?? fresh;
  if (!marks.key) return fresh;
  const before = recallAttempt(marks.key);
  return before ? { key: marks.key, attempt: before } : { key: marks.key, cutOff: hasBegun(marks.key) };
}

async function known(api: Api, id: string): Promise<Start | undefined> {
  const transfer = await sentBefore(api, id);
  if (!transfer) return undefined;
  const key = crypto.randomUUID();
  if (transfer.state !== "receiving") return { key, transfer };
  return { key, attempt: { ...newAttempt(key, { language: "en", code: "none" }, [], []), transfer: id, uncertain: true } };
}
