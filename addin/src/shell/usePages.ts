import { useCallback, useEffect, useRef, useState } from "react";
import type { Failure } from "../send/failure";

export interface Pages<T> {
  /** What the pages so far add up to. Absent until the first is here. */
  found: T | undefined;
  failure: Failure | undefined;
  /** Asks for the page at a cursor, or for the first one anew. */
  load: (cursor?: string) => void;
  change: (how: (found: T) => T) => void;
}

/** A list by pages. Only what was asked for last counts, so that pressing twice brings no page twice. */
export function usePages<T>(look: (cursor: string | undefined) => Promise<T>, joined: (before: T | undefined, page: T) => T, failureOf: (error: unknown) => Failure): Pages<T> {
  const [found, setFound] = useState<T>();
  const [failure, setFailure] = useState<Failure>();
  const latest = useRef(0);
  const load = useCallback(
    (cursor?: string) => {
      const turn = ++latest.current;
      const mine = (use: () => void) => (turn === latest.current ? use() : undefined);
      setFailure(undefined);
      look(cursor).then(
        (page) => mine(() => setFound((before) => (cursor ? joined(before, page) : page))),
        (error: unknown) => mine(() => setFailure(failureOf(error))),
      );
    },
    [look, joined, failureOf],
  );
  useEffect(() => {
    setFound(undefined);
    load();
  }, [load]);
  const change = useCallback((how: (found: T) => T) => setFound((before) => before && how(before)), []);
  return { found, failure, load, change };
}
