import type { SendRequest } from "../api/types";
import type { Draft } from "../office/draft";
import type { Desk } from "../send/attempt";
import { phoneFor } from "../send/byHand";

/** A message that is written on the page: its draft, and its text. */
export interface Letter extends Draft {
  text: string;
}

export const emptyLetter: Letter = { subject: "", text: "", people: [], files: [] };

/** Hands over the message as it stands when it is sent. The page keeps nothing of it. */
export const deskOf = (letter: () => Letter): Desk => ({
  survives: false,
  note: () => Promise.resolve(),
  request: (attempt) => Promise.resolve(requestOf(letter(), attempt)),
});

function requestOf({ subject, text, people }: Letter, { overrides, options, phones }: Parameters<Desk["request"]>[0]): SendRequest {
  return {
    message: {
      subject: subject.trim(),
      text,
      recipients: people.map(({ address, name, field }) => ({ address, ...(name && name !== address ? { name } : {}), field, ...phoneFor(address, phones) })),
    },
    ...(overrides.length > 0 ? { overrides } : {}),
    options,
  };
}
