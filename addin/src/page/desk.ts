import type { Party, SendRequest } from "../api/types";
import type { Draft } from "../office/draft";
import type { Desk } from "../send/attempt";
import { recipientsOf } from "../send/byHand";

/** A message that is written on the page: its draft, and its text. */
export interface Letter extends Draft {
  text: string;
}

export const emptyLetter: Letter = { subject: "", text: "", people: [], files: [] };

const prefixed = /^(?:re|sv|aw|vs|antw):/i;

/** The letter that answers one. */
export const answerTo = ({ sender, subject }: { sender: Party; subject: string }): Letter => ({
  ...emptyLetter,
  subject: prefixed.test(subject) ? subject : `Re: ${subject}`,
  people: [{ name: sender.name ?? "", address: sender.address, field: "to" }],
});

/** Hands over the message as it stands when it is sent. The page keeps nothing of it. */
export const deskOf = (letter: () => Letter): Desk => ({
  survives: false,
  marks: () => Promise.resolve({}),
  note: () => Promise.resolve(),
  request: (attempt) => Promise.resolve(requestOf(letter(), attempt)),
});

function requestOf({ subject, text, people }: Letter, { overrides, options, phones }: Parameters<Desk["request"]>[0]): SendRequest {
  return {
    message: {
      subject: subject.trim(),
      text,
      recipients: recipientsOf(people, phones),
    },
    ...(overrides.length > 0 ? { overrides } : {}),
    options,
  };
}
