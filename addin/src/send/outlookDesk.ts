import type { SendRequest } from "../api/types";
import { readDraft, restId, saveDraft, type DraftFile } from "../office/draft";
import { writeMarks } from "../office/marks";
import type { Attempt, Desk } from "./attempt";
import { byHand } from "./byHand";

/** A message in Outlook: a saved draft that the backend reads itself, or one that the pane hands over. */
export const outlookDesk: Desk = {
  survives: true,
  note: writeMarks,
  request: (attempt, around) => (attempt.byHand ? byHand(attempt, around) : named(attempt)),
};

/** Saves the draft under its nonce and says which draft that is. */
async function named(attempt: Attempt): Promise<SendRequest> {
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
