import { ApiFault } from "../api/fault";
import { SignInFault } from "../auth/fault";
import type { SendRequest, Transfer } from "../api/types";
import { readDraft, restId, saveDraft, type DraftFile } from "../office/draft";
import { writeMarks } from "../office/marks";
import type { Attempt, Surroundings } from "./attempt";
import { byHand } from "./byHand";
import { forget, keep } from "./kept";
import { uploadAll } from "./uploads";
import { watch } from "./watch";

/**
 * Carries an attempt out, from wherever it stands. Answers with the transfer in
 * its final state. A draft that Outlook has not brought to the server yet (classic
 * Outlook in cached mode) is handed over by the pane, under a key of its own.
 */
export async function carryOut(attempt: Attempt, around: Surroundings): Promise<Transfer> {
  const transfer = await once(attempt, around);
  if (attempt.byHand || !isUnseen(transfer)) return transfer;
  settle(attempt);
  Object.assign(attempt, { byHand: true, key: crypto.randomUUID(), uploads: new Map() });
  return once(attempt, around);
}

const isUnseen = ({ state, reason }: Transfer): boolean =>
  state === "failed" && (reason === "draft_not_found" || reason === "draft_changed");

async function once(attempt: Attempt, around: Surroundings): Promise<Transfer> {
  if (attempt.transfer) return watch(await around.api.transfer(attempt.transfer), around);
  if (!attempt.uncertain) {
    attempt.request = await prepare(attempt, around);
    const uploads = await uploadAll(attempt, around);
    if (uploads.length > 0) attempt.request.uploads = uploads;
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
    ...(attempt.phones.length > 0 ? { phones: attempt.phones } : {}),
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

async function post(attempt: Attempt, { api, told }: Surroundings): Promise<Transfer> {
  told({ step: "handing", done: 0, total: 0 });
  const before = attempt.uncertain;
  attempt.uncertain = true;
  keep(attempt);
  const transfer = await api.createTransfer(attempt.key, attempt.request!).catch((error: unknown) => {
    const unasked = error instanceof SignInFault && !before; // without a token nothing was posted
    if (unasked || isRefusal(error)) settle(attempt);
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
