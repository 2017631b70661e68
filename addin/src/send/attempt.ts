import type { Api } from "../api/client";
import { ApiFault, LostConnection } from "../api/fault";
import type { Options, SendRequest, Transfer } from "../api/types";
import { readDraft, restId, saveDraft, type DraftFile } from "../office/draft";
import { byHand } from "./byHand";
import { writeMarks } from "../office/marks";
import type { AddedFile } from "./choices";
import { forget, keep } from "./kept";

/**
 * One wish to send a message. It keeps its key for as long as it is not known
 * that nothing came of it, and its request once that was posted: the same key
 * with the same request is the same transfer.
 */
export interface Attempt {
  key: string;
  nonce: string;
  options: Options;
  added: AddedFile[];
  leftOut: DraftFile[];
  uploaded: string[];
  overrides: "subject"[];
  request?: SendRequest;
  /** It was posted and the answer is not known. */
  uncertain: boolean;
  transfer?: string;
  /** The backend could not see the draft: the pane hands the message over itself. */
  byHand?: boolean;
  /** The transfer under this key failed: a changed message takes a new key. */
  failed?: boolean;
}

export type Step = "saving" | "uploading" | "handing" | "receiving";

export interface Progress {
  step: Step;
  /** Bytes; total is 0 while unknown. */
  done: number;
  total: number;
  /** The file that is on its way, which of how many it is. */
  file?: { name: string; n: number; of: number };
  /** The connection broke and the file is sent again. */
  again?: boolean;
}

export interface Surroundings {
  api: Api;
  told: (progress: Progress) => void;
  signal: AbortSignal;
  wait: (ms: number) => Promise<void>;
}

export function newAttempt(key: string, options: Options, added: AddedFile[], leftOut: DraftFile[], uploaded: string[] = [], overrides: "subject"[] = []): Attempt {
  return { key, nonce: crypto.randomUUID(), options, added, leftOut, uploaded, overrides, uncertain: false };
}

/**
 * Carries an attempt out, from wherever it stands. Answers with the transfer in
 * its final state. A draft that Outlook has not brought to the server yet (classic
 * Outlook in cached mode) is handed over by the pane, under a key of its own.
 */
export async function carryOut(attempt: Attempt, around: Surroundings): Promise<Transfer> {
  const transfer = await once(attempt, around);
  if (attempt.byHand || !isUnseen(transfer)) return transfer;
  settle(attempt);
  Object.assign(attempt, { byHand: true, key: crypto.randomUUID(), uploaded: [] });
  return once(attempt, around);
}

const isUnseen = ({ state, reason }: Transfer): boolean =>
  state === "failed" && (reason === "draft_not_found" || reason === "draft_changed");

async function once(attempt: Attempt, around: Surroundings): Promise<Transfer> {
  if (attempt.transfer) return watch(await around.api.transfer(attempt.transfer), around);
  if (!attempt.uncertain) {
    attempt.request = await prepare(attempt, around);
    await uploadAll(attempt, around);
  }
  const transfer = await post(attempt, around);
  return watch(transfer, around);
}

/** Saves the draft under a nonce and says which draft that is. */
async function prepare(attempt: Attempt, around: Surroundings): Promise<SendRequest> {
  around.told({ step: "saving", done: 0, total: 0 });
  await writeMarks({ key: attempt.key, nonce: attempt.nonce, running: new Date().toISOString() });
  if (attempt.byHand) return byHand(attempt, around);
  const draft = await saveDraft();
  const leaveOut = await storedIds(attempt.leftOut);
  return {
    draftId: draft.id,
    ...(draft.mailbox ? { mailbox: draft.mailbox } : {}),
    nonce: attempt.nonce,
    ...(leaveOut.length > 0 ? { leaveOut } : {}),
    ...(attempt.added.length > 0 ? { uploads: attempt.added.map(({ id }) => id) } : {}),
    ...(attempt.overrides.length > 0 ? { overrides: attempt.overrides } : {}),
    options: attempt.options,
  };
}

/** Saving may give attachments new ids: those left out are found again by id, else by name and size. */
async function storedIds(leftOut: DraftFile[]): Promise<string[]> {
  if (leftOut.length === 0) return [];
  const { files } = await readDraft();
  const ids = new Set(files.map(({ id }) => id));
  const found = leftOut.flatMap((file) =>
    ids.has(file.id) ? [file.id] : files.filter((f) => f.name === file.name && f.size === file.size).map((f) => f.id),
  );
  return [...new Set(found)].map(restId);
}

async function uploadAll(attempt: Attempt, around: Surroundings): Promise<void> {
  const total = attempt.added.reduce((sum, { file }) => sum + file.size, 0);
  let before = 0;
  for (const [i, { id, file }] of attempt.added.entries()) {
    const start = before;
    const which = { name: file.name, n: i + 1, of: attempt.added.length };
    const tell = (sent: number, again: boolean) => around.told({ step: "uploading", done: start + sent, total, file: which, ...(again ? { again } : {}) });
    if (!attempt.uploaded.includes(id)) {
      await uploadOne(attempt.key, id, file, tell, around);
      attempt.uploaded.push(id);
    }
    before += file.size;
  }
  around.signal.throwIfAborted();
}

const uploadTries = 5;

/** Sends one file, over broken connections too. */
async function uploadOne(key: string, id: string, file: File, tell: (sent: number, again: boolean) => void, around: Surroundings): Promise<void> {
  for (let tries = 1; ; tries++) {
    around.signal.throwIfAborted();
    tell(0, tries > 1);
    try {
      await around.api.putFile(key, id, file, (sent) => tell(sent, false), around.signal);
      return;
    } catch (error) {
      const lost = error instanceof LostConnection && !around.signal.aborted;
      if (!lost || tries === uploadTries) throw error;
      await around.wait(1000 * 2 ** (tries - 1));
    }
  }
}

/** Takes back what was uploaded before a cancel; the backend sweeps what this misses. */
export async function discardUploads(attempt: Attempt, api: Api): Promise<void> {
  const ids = attempt.uploaded.splice(0);
  await Promise.allSettled(ids.map((id) => api.deleteFile(attempt.key, id)));
}

async function post(attempt: Attempt, { api, told }: Surroundings): Promise<Transfer> {
  told({ step: "handing", done: 0, total: 0 });
  attempt.uncertain = true;
  keep(attempt);
  const transfer = await api.createTransfer(attempt.key, attempt.request!).catch((error: unknown) => {
    if (isRefusal(error)) settle(attempt);
    throw error;
  });
  attempt.transfer = transfer.id;
  forget(attempt.key);
  await writeMarks({ transfer: transfer.id }).catch(() => undefined);
  return transfer;
}

/** Lets the message leave in the ordinary way again: nothing of it was sent. */
export const release = (): Promise<void> => writeMarks({ transfer: "", running: "" }).catch(() => undefined);

/** Nothing came of it: it may be changed, or tried again from the start. */
export function settle(attempt: Attempt): void {
  attempt.uncertain = false;
  delete attempt.transfer;
  forget(attempt.key);
}

const undecided = [401, 408, 409, 425, 429];

/** True for an answer that refuses the request; one that was accepted before is never refused under its key. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ApiFault) || error.problem.code === "key_reused") return false;
  const { status } = error.problem;
  return status >= 400 && status < 500 && !undecided.includes(status);
}

const longestSilence = 6;

/** Follows a transfer until it is no longer being received, over broken streams too. */
async function watch(transfer: Transfer, { api, told, wait }: Surroundings): Promise<Transfer> {
  let last = transfer;
  const tell = (next: Transfer) => {
    last = next;
    told({ step: "receiving", done: next.progress.received, total: next.progress.total });
  };
  if (last.state === "receiving") tell(last);
  for (let silent = 0; last.state === "receiving"; silent++) {
    const before = last.progress.received;
    await follow(api, last.id, tell, silent);
    if (last.progress.received > before) silent = 0;
    if (last.state === "receiving") await wait(Math.min(500 * 2 ** silent, 8000));
  }
  return last;
}

async function follow(api: Api, id: string, tell: (transfer: Transfer) => void, silent: number): Promise<void> {
  try {
    if (silent > 0) tell(await api.transfer(id));
    await api.follow(id, tell);
  } catch (error) {
    if (!(error instanceof LostConnection) || silent >= longestSilence) throw error;
  }
}
