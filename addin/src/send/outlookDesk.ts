import type { LeftOut, SendRequest } from "../api/types";
import { readDraft, restId, saveDraft } from "../office/draft";
import { readMarks, writeMarks } from "../office/marks";
import type { Attempt, Desk } from "./attempt";
import { byHand } from "./byHand";
import { idsNow, leftOutOf } from "./leftOut";

/** A message in Outlook: a saved draft that the backend reads itself, or one that the pane hands over. */
export const outlookDesk: Desk = {
  survives: true,
  marks: readMarks,
  note: writeMarks,
  request: (attempt, around) => (attempt.byHand ? byHand(attempt, around) : named(attempt)),
};

/** Saves the draft under its nonce and says which draft that is. */
async function named(attempt: Attempt): Promise<SendRequest> {
  const draft = await saveDraft();
  const leaveOut = await storedFiles(attempt.leftOut);
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

/** What is left out as it lies in the saved draft: saving may give attachments new ids. */
async function storedFiles(leftOut: LeftOut[]): Promise<LeftOut[]> {
  if (leftOut.length === 0) return [];
  const { files } = await readDraft();
  return leftOutOf(files, idsNow(files, leftOut)).map((one) => ({ ...one, id: restId(one.id) }));
}
