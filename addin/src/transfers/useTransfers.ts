import { useCallback, useEffect, useState } from "react";
import type { Api } from "../api/client";
import type { Transfer } from "../api/types";
import { failureOf, type Failure } from "../send/failure";
import { useWords } from "../shell/context";

export interface Transfers {
  /** Absent until the first page is here. */
  transfers: Transfer[] | undefined;
  /** Cursor of the next page, if there is one. */
  next: string | undefined;
  failure: Failure | undefined;
  load: (cursor?: string) => void;
}

/** The pages of the caller's transfers that were asked for so far. */
export function useTransfers(api: Api): Transfers {
  const words = useWords();
  const [transfers, setTransfers] = useState<Transfer[]>();
  const [next, setNext] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const load = useCallback(
    (cursor?: string) => {
      setFailure(undefined);
      api.transfers(cursor).then(
        (page) => {
          setTransfers((before) => [...(cursor ? (before ?? []) : []), ...page.transfers]);
          setNext(page.next);
        },
        (error: unknown) => setFailure(failureOf(error, words)),
      );
    },
    [api, words],
  );
  useEffect(() => load(), [load]);
  return { transfers, next, failure, load };
}
