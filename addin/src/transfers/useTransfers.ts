import { useCallback } from "react";
import type { Api } from "../api/client";
import { ApiFault } from "../api/fault";
import type { Filter, Transfer } from "../api/types";
import { failureOf, type Failure } from "../send/failure";
import { useWords } from "../shell/context";
import { usePages } from "../shell/usePages";

export interface Query {
  /** Address of a mailbox; "" is the caller's own transfers. */
  mailbox: string;
  text: string;
  filter: Filter | "all";
}

export interface Transfers {
  /** Those that need somebody; only where nothing is searched for. */
  urgent: Transfer[];
  /** The others, newest first. Absent until the first page is here. */
  transfers: Transfer[] | undefined;
  /** Cursor of the next page, if there is one. */
  next: string | undefined;
  failure: Failure | undefined;
  load: (cursor?: string) => void;
  /** Puts a transfer's new state in its place. */
  replace: (transfer: Transfer) => void;
}

interface Found {
  urgent: Transfer[];
  transfers: Transfer[];
  next?: string | undefined;
}

/** The pages of the caller's transfers that were asked for so far; failures come first. */
export function useTransfers(api: Api, query: Query): Transfers {
  const words = useWords();
  const page = useCallback((cursor: string | undefined) => look(api, query, cursor), [api, query]);
  const failed = useCallback((error: unknown) => (query.mailbox && isMissing(error) ? { sentence: words.notAMember } : failureOf(error, words)), [query, words]);
  const { found, failure, load, change } = usePages(page, joined, failed);
  const replace = useCallback((changed: Transfer) => change((before) => replaced(before, changed)), [change]);
  return { urgent: found?.urgent ?? [], transfers: found?.transfers, next: found?.next, failure, load, replace };
}

async function look(api: Api, { mailbox, text, filter }: Query, cursor: string | undefined): Promise<Found> {
  const fits = { ...(text.trim() ? { text: text.trim() } : {}), ...(filter === "all" ? {} : { filter }) };
  const first = Object.keys(fits).length === 0 && !cursor;
  const of = mailbox ? { mailbox } : {};
  const [page, urgent] = await Promise.all([
    api.search({ ...of, ...fits, ...(cursor ? { cursor } : {}) }),
    first ? api.search({ ...of, filter: "attention" }).then(({ transfers }) => transfers) : [],
  ]);
  return { urgent, transfers: page.transfers.filter(({ id }) => !has(urgent, id)), next: page.next };
}

const isMissing = (error: unknown): boolean => error instanceof ApiFault && error.problem.status === 404;

const has = (transfers: Transfer[], id: string): boolean => transfers.some((other) => other.id === id);

function joined(before: Found | undefined, page: Found): Found {
  const known = before ?? { urgent: [], transfers: [] };
  const fresh = page.transfers.filter(({ id }) => !has(known.urgent, id) && !has(known.transfers, id));
  return { ...known, transfers: [...known.transfers, ...fresh], next: page.next };
}

function replaced(before: Found, changed: Transfer): Found {
  const change = (all: Transfer[]) => all.map((one) => (one.id === changed.id ? changed : one));
  return { ...before, urgent: change(before.urgent), transfers: change(before.transfers) };
}
