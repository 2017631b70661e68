import { useCallback } from "react";
import type { Api } from "../api/client";
import type { CheckedRecipient } from "../api/types";
import type { Person } from "../office/draft";
import { isAddress } from "./check";
import { useSoon } from "./useSoon";

/** What the backend knows of addresses, by address in small letters. */
export type Known = Map<string, CheckedRecipient>;

/** Who is written to by a recipient's address, which may be that of a delivered reply. */
export const behind = (person: Person, known: Known): { name?: string; address: string } => known.get(person.address.toLowerCase())?.replier ?? person;

const mostAsked = 500;

/** What the backend knows of the recipients: it asks a moment after they stopped changing. */
export function useKnown(api: Api, people: Person[]): Known {
  const addresses = people.map(({ address }) => address).filter(isAddress).slice(0, mostAsked);
  const ask = useCallback((list: string[]) => api.checkRecipients(list), [api]);
  const found = useSoon(addresses.length > 0 ? [...new Set(addresses)] : undefined, ask);
  return new Map((found ?? []).map((one) => [one.address.toLowerCase(), one]));
}
