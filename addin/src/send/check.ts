import type { Settings } from "../api/types";
import type { Draft, Person } from "../office/draft";
import { findNumbers, type NumberKind } from "../alerts/numbers";
import type { Words } from "../words";
import { size } from "../words/format";
import { phoneOf, type Choices } from "./choices";
import { behind, type Known } from "./known";

export type PersonMark = "fine" | "invalid" | "twice" | "own";

export interface CheckedPerson extends Person {
  mark: PersonMark;
}

// One @, a domain with a dot, no blank and none of RFC 5322's specials outside quotes.
const address = /^[^\s@()<>[\]:;,\\"]+@[^\s@()<>[\]:;,\\".]+(\.[^\s@()<>[\]:;,\\".]+)+$/;

export function checkPeople(people: Person[], settings: Settings): CheckedPerson[] {
  const own = domainOf(settings.caller.address);
  const seen = new Set<string>();
  return people.map((person) => {
    const key = person.address.toLowerCase();
    const mark = markOf(person, seen.has(key), own);
    seen.add(key);
    return { ...person, mark };
  });
}

export const isAddress = (text: string): boolean => address.test(text) && text.length <= 320;

function markOf(person: Person, seen: boolean, own: string): PersonMark {
  if (!isAddress(person.address)) return "invalid";
  if (seen) return "twice";
  return own !== "" && domainOf(person.address) === own ? "own" : "fine";
}

const domainOf = (mail: string): string => (mail.split("@")[1] ?? "").toLowerCase();

/** The files that would be sent: those of the draft that are not left out, and the added ones. */
export function sentFiles(draft: Draft, choices: Choices): { name: string; size: number }[] {
  const kept = draft.files.filter((file) => !choices.leftOut.includes(file.id));
  return [...kept, ...choices.added.map(({ file }) => file)].map(({ name, size }) => ({ name, size }));
}

/** Why it cannot be sent yet, as sentences; empty when it can. The backend decides again. */
export function obstacles(draft: Draft, choices: Choices, settings: Settings, known: Known, words: Words): string[] {
  return [
    ...peopleObstacles(draft.people, settings, words),
    ...linkObstacles(draft, choices, words),
    ...fileObstacles(sentFiles(draft, choices), settings, words),
    ...optionObstacles(choices, settings, words),
    ...phoneObstacles(draft.people, choices, settings, known, words),
    ...(numbersInSubjects(draft, choices).length > 0 && !choices.subjectConfirmed ? [words.subjectUnconfirmed] : []),
  ];
}

/** Kinds of national identity numbers in what travels in the clear: the message's subject, and the notification's. */
export function numbersInSubjects(draft: Draft, choices: Choices): NumberKind[] {
  const clear = [draft.subject, choices.notifySubject, choices.notifyText].join(" \n ");
  return [...new Set(findNumbers(clear).map(({ kind }) => kind))];
}

function peopleObstacles(people: Person[], settings: Settings, words: Words): string[] {
  const checked = checkPeople(people, settings);
  const invalid = checked.filter((p) => p.mark === "invalid").map((p) => `${p.address || p.name}: ${words.notAnAddress}`);
  const count = checked.length - checked.filter((p) => p.mark === "twice").length;
  if (count === 0) return [words.noRecipients];
  if (count > settings.policy.maxRecipients) return [...invalid, words.tooManyRecipients(settings.policy.maxRecipients)];
  return invalid;
}

/** The backend refuses links to files in the cloud. */
function linkObstacles({ files }: Draft, { leftOut }: Choices, words: Words): string[] {
  return files.filter(({ id, cloud }) => cloud && !leftOut.includes(id)).map(({ name }) => `${name}: ${words.copyInstead}`);
}

function fileObstacles(files: { name: string; size: number }[], { policy }: Settings, words: Words): string[] {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const limit = size(policy.maxFileBytes, words.tag);
  return [
    ...files.filter((f) => f.size > policy.maxFileBytes).map((f) => `${f.name}: ${words.fileTooLarge(limit)}`),
    ...(total > policy.maxTransferBytes ? [words.transferTooLarge(size(policy.maxTransferBytes, words.tag))] : []),
    ...(files.length > policy.maxFiles ? [words.tooManyFiles(policy.maxFiles)] : []),
  ];
}

// As people write telephone numbers; the backend reads them.
const phone = /^(?:\+|00)?[ ]?\(?\d[\d ()./-]{4,37}$/;

/** Whether somebody reads after signing in. Who is asked for something has a link, own staff too. */
export const signsIn = (address: string, { request }: Choices, known: Known): boolean =>
  !request && (known.get(address.toLowerCase())?.marks.includes("signs_in") ?? false);

/** Whose codes need a number: everybody's who does not sign in instead. */
export function needNumbers(people: Person[], choices: Choices, settings: Settings, known: Known): { address: string; who: string }[] {
  const written = checkPeople(people, settings).filter(({ mark }) => mark === "fine" || mark === "own");
  const others = written.filter(({ address }) => !signsIn(address, choices, known));
  return others.map((person) => ({ address: person.address, who: behind(person, known).name || behind(person, known).address }));
}

function phoneObstacles(people: Person[], choices: Choices, settings: Settings, known: Known, words: Words): string[] {
  if (choices.code !== "sms") return [];
  const abroad = settings.policy.phoneCountry ? phone : /^(?:\+|00)/;
  const missing = needNumbers(people, choices, settings, known).filter(({ address }) => {
    const number = phoneOf(choices, address).trim();
    return !(phone.test(number) && abroad.test(number));
  });
  return missing.map(({ who }) => words.phoneMissing(who));
}

function optionObstacles(choices: Choices, settings: Settings, words: Words): string[] {
  const { policy } = settings;
  const days = choices.expiryDays;
  const inRange = Number.isInteger(days) && days >= 1 && days <= policy.maxExpiryDays;
  const short = choices.code === "password" && [...choices.password].length < policy.minPassword;
  return [
    ...(inRange ? [] : [words.expiryLimit(policy.maxExpiryDays)]),
    ...(short ? [`${words.password}: ${words.passwordMinimum(policy.minPassword)}`] : []),
    ...(policy.codes.includes(choices.code) ? [] : [words.code]),
  ];
}
