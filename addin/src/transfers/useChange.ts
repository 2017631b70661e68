import { useCallback, useState } from "react";
import type { Transfer } from "../api/types";
import { failureOf, type Failure } from "../send/failure";
import { useWords } from "../shell/context";

export interface Change {
  busy: boolean;
  /** What the last change did. */
  said: string;
  failure: Failure | undefined;
  run: (change: () => Promise<Transfer>, said: string) => Promise<void>;
}

/** Carries out one change of a transfer at a time and says what became of it. */
export function useChange(onChange: (transfer: Transfer) => void): Change {
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<Failure>();
  const run = useCallback(
    async (change: () => Promise<Transfer>, done: string) => {
      setBusy(true);
      setFailure(undefined);
      setSaid("");
      try {
        onChange(await change());
        setSaid(done);
      } catch (error) {
        setFailure(failureOf(error, words));
      } finally {
        setBusy(false);
      }
    },
    [onChange, words],
  );
  return { busy, said, failure, run };
}
