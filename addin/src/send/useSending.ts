import { useCallback, useEffect, useRef, useState } from "react";
import type { Api } from "../api/client";
import { LostConnection } from "../api/fault";
import type { LeftOut, Phone, Transfer } from "../api/types";
import { remember } from "../office/remembered";
import type { Words } from "../words";
import { newAttempt, type Attempt, type Desk, type Progress } from "./attempt";
import { carryOut, giveUp, release, settle } from "./carryOut";
import { optionsOf, type Choices } from "./choices";
import { failureOf, failureOfTransfer, type Failure } from "./failure";
import { discardUploads } from "./uploads";

export type Phase =
  | { name: "editing"; notice?: string }
  | { name: "working"; progress: Progress }
  | { name: "stopped"; failure: Failure; uncertain: boolean }
  | { name: "done"; transfer: Transfer; before?: boolean; note?: string };

export interface Sending {
  phase: Phase;
  send(choices: Choices, leftOut: LeftOut[], phones: Phone[]): void;
  again(): void;
  change(): void;
  cancel(): void;
}

export interface Start {
  key: string;
  /** An attempt of an earlier pane whose answer is not known. */
  attempt?: Attempt;
  /** What became of this draft before. */
  transfer?: Transfer;
  /** An earlier pane was closed while files were on their way. */
  cutOff?: boolean;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The one way in which a message is sent. While it works, another press of
 * Send does nothing; try again repeats the same attempt under the same key.
 */
export function useSending(api: Api, start: Start, desk: Desk, words: Words): Sending {
  const [phase, setPhase] = useState<Phase>(() => firstPhase(start, words));
  const attempt = useRef<Attempt | undefined>(start.attempt);
  const key = useRef(start.key);
  const working = useRef<AbortController | undefined>(undefined);
  const callingOff = useRef(false);

  const run = useCallback(async () => {
    const current = attempt.current;
    if (working.current || !current) return;
    const control = (working.current = new AbortController());
    const told = (progress: Progress) => setPhase({ name: "working", progress });
    try {
      const transfer = await carryOut(current, { api, desk, told, signal: control.signal, wait: pause });
      current.failed = transfer.state === "failed";
      if (current.failed) {
        settle(current);
        void giveUp(desk);
      }
      setPhase(ended(current, transfer, callingOff.current, words));
    } catch (error) {
      if (control.signal.aborted) await discardUploads(current, api);
      if (!current.uncertain) void release(desk);
      setPhase(control.signal.aborted ? { name: "editing", notice: words.cancelled } : stopped(current, failureOf(error, words)));
    } finally {
      working.current = undefined;
      callingOff.current = false;
    }
  }, [api, desk, words]);

  const send = useCallback(
    (choices: Choices, leftOut: LeftOut[], phones: Phone[]) => {
      if (working.current) return;
      const options = optionsOf(choices);
      void remember(options);
      if (attempt.current?.failed) key.current = crypto.randomUUID();
      const before = attempt.current?.key === key.current ? attempt.current.uploads : undefined;
      const overrides: Attempt["overrides"] = choices.subjectConfirmed ? ["subject"] : [];
      attempt.current = newAttempt(key.current, options, choices.added, leftOut, { ...(before ? { uploads: before } : {}), overrides, phones });
      void run();
    },
    [run],
  );

  const received = start.attempt?.transfer !== undefined;
  useEffect(() => {
    if (received) void run();
  }, [received, run]);

  return {
    phase,
    send,
    again: useCallback(() => void run(), [run]),
    change: useCallback(() => setPhase({ name: "editing" }), []),
    cancel: useCallback(() => {
      const id = working.current && attempt.current?.transfer;
      if (!id) return working.current?.abort(new LostConnection());
      callingOff.current = true; // what became of it is told by the transfer that is being watched
      api.cancel(id).catch(() => undefined);
    }, [api]),
  };
}

const stopped = (attempt: Attempt, failure: Failure): Phase => ({ name: "stopped", failure, uncertain: attempt.uncertain });

function ended(attempt: Attempt, transfer: Transfer, calledOff: boolean, words: Words): Phase {
  if (transfer.state !== "failed") return { name: "done", transfer, before: attempt.elsewhere ?? false, ...(calledOff ? { note: words.cancelledTooLate } : {}) };
  if (transfer.reason === "cancelled") return { name: "editing", notice: words.cancelled };
  return stopped(attempt, failureOfTransfer(transfer, words));
}

function firstPhase({ attempt, transfer, cutOff }: Start, words: Words): Phase {
  if (transfer) return { name: "done", transfer, before: true };
  if (attempt) return { name: "stopped", failure: { sentence: words.noConnection }, uncertain: true };
  return { name: "editing", ...(cutOff ? { notice: words.cutOff } : {}) };
}
