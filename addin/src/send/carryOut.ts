import { ApiFault } from "../api/fault";
import { SignInFault } from "../auth/fault";
import type { SendRequest, Transfer } from "../api/types";
import type { Attempt, Desk, Surroundings } from "./attempt";
import { forgetBegun } from "./begun";
import { forget, keep } from "./kept";
import { sentBefore } from "./sentBefore";
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
  await around.desk.note({ key: attempt.key, transfer: "" });
  return once(attempt, around);
}

const isUnseen = ({ state, reason }: Transfer): boolean =>
  state === "failed" && (reason === "draft_not_found" || reason === "draft_changed");

async function once(attempt: Attempt, around: Surroundings): Promise<Transfer> {
  if (attempt.transfer) return watch(await around.api.transfer(attempt.transfer), around);
  if (!attempt.uncertain) {
    const sent = await elsewhere(attempt, around);
    if (sent) return watch(sent, around);
    attempt.request = await prepare(attempt, around);
    const uploads = await uploadAll(attempt, around);
    if (uploads.length > 0) attempt.request.uploads = uploads;
  }
  const transfer = await post(attempt, around);
  return watch(transfer, around);
}

/**
 * What another pane beside this draft has sent since this one was opened. What it
 * only began is sent under its key: then the backend takes one of both.
 */
async function elsewhere(attempt: Attempt, { api, desk }: Surroundings): Promise<Transfer | undefined> {
  const { key, transfer } = await desk.marks();
  if (transfer) {
    const sent = await sentBefore(api, transfer);
    attempt.elsewhere = sent !== undefined;
    return sent;
  }
  if (key && key !== attempt.key) Object.assign(attempt, { key, uploads: new Map() });
  return undefined;
}

async function prepare(attempt: Attempt, around: Surroundings): Promise<SendRequest> {
  around.told({ step: "saving", done: 0, total: 0 });
  await around.desk.note({ key: attempt.key, nonce: attempt.nonce, running: new Date().toISOString() });
  return around.desk.request(attempt, around);
}

async function post(attempt: Attempt, { api, desk, told }: Surroundings): Promise<Transfer> {
  told({ step: "handing", done: 0, total: 0 });
  const before = attempt.uncertain;
  attempt.uncertain = true;
  if (desk.survives) keep(attempt);
  const transfer = await api.createTransfer(attempt.key, attempt.request!).catch((error: unknown) => {
    const unasked = error instanceof SignInFault && !before; // without a token nothing was posted
    if (unasked || isRefusal(error)) settle(attempt);
    throw error;
  });
  attempt.transfer = transfer.id;
  forget(attempt.key);
  forgetBegun(attempt.key);
  await desk.note({ transfer: transfer.id }).catch(() => undefined);
  return transfer;
}

/** Lets the message leave in the ordinary way again: nothing of it was sent. */
export const release = (desk: Desk): Promise<void> => desk.note({ transfer: "", running: "" }).catch(() => undefined);

/** As release, where the key stands for a transfer that failed: a changed message takes another. */
export const giveUp = (desk: Desk): Promise<void> => desk.note({ key: "", transfer: "", running: "" }).catch(() => undefined);

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
