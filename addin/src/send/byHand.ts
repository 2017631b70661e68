import type { Phone, SendRequest } from "../api/types";
import { readBody, readContent, readDraft, sameAddress, sharedMailbox, type Person } from "../office/draft";
import type { Attempt, Surroundings } from "./attempt";
import { nextFileId } from "./choices";
import { idsNow } from "./leftOut";

/**
 * The request that hands the whole message over: text and recipients in it, the
 * attachments as uploads. Pictures in the text become files, since nothing in
 * Outlook says where in the text they stand.
 */
export async function byHand(attempt: Attempt, { signal }: Surroundings): Promise<SendRequest> {
  const draft = await readDraft();
  const leftOut = idsNow(draft.files, attempt.leftOut);
  const [html, mailbox] = [await readBody(), await sharedMailbox()];
  attempt.added = attempt.added.filter(({ attached }) => !attached);
  for (const file of draft.files.filter(({ id }) => !leftOut.includes(id))) {
    signal.throwIfAborted();
    const content = await readContent(file);
    attempt.added = [...attempt.added, { id: nextFileId(attempt.added), file: content, attached: true }];
  }
  return {
    message: {
      subject: draft.subject.trim() || "–",
      html,
      recipients: recipientsOf(draft.people, attempt.phones),
    },
    ...(mailbox ? { mailbox } : {}),
    ...(attempt.overrides.length > 0 ? { overrides: attempt.overrides } : {}),
    options: attempt.options,
  };
}

/** The recipients as the API takes them. */
export const recipientsOf = (people: Person[], phones: Phone[]) =>
  people.map(({ address, name, field }) => ({ address, ...(name && name !== address ? { name } : {}), field, ...phoneFor(address, phones) }));

/** The number that her codes go to, if there is one. */
function phoneFor(address: string, phones: Phone[]): { phone?: string } {
  const phone = phones.find((one) => sameAddress(one.address, address))?.phone;
  return phone ? { phone } : {};
}
