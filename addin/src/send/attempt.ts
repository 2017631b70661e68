import type { Api } from "../api/client";
import type { LeftOut, Options, Phone, SendRequest } from "../api/types";
import type { Marks } from "../office/marks";
import type { AddedFile } from "./choices";

/**
 * One wish to send a message. It keeps its key for as long as it is not known
 * that nothing came of it, and its request once that was posted: the same key
 * with the same request is the same transfer.
 */
export interface Attempt {
  key: string;
  nonce: string;
  options: Options;
  added: AddedFile[];
  leftOut: LeftOut[];
  /** What was begun of each file under this key. */
  uploads: Map<File, Uploaded>;
  overrides: "subject"[];
  /** Where codes go by text message. */
  phones: Phone[];
  request?: SendRequest;
  /** It was posted and the answer is not known. */
  uncertain: boolean;
  transfer?: string;
  /** The backend could not see the draft: the pane hands the message over itself. */
  byHand?: boolean;
  /** Another pane beside the same draft has sent it. */
  elsewhere?: boolean;
  /** The transfer under this key failed: a changed message takes a new key. */
  failed?: boolean;
}

/** One file as the backend has it. */
export interface Uploaded {
  /** Its address. */
  at: string;
  whole: boolean;
}

export type Step = "saving" | "uploading" | "handing" | "receiving";

export interface Progress {
  step: Step;
  /** Bytes; total is 0 while unknown. */
  done: number;
  total: number;
  /** The file that is on its way, which of how many it is. */
  file?: { name: string; n: number; of: number };
  /** The connection broke; it goes on from where it was. */
  again?: boolean;
}

/** Where the message stands that is sent: a draft in Outlook, or our own page. */
export interface Desk {
  /** A pane opened later finds the message again. */
  survives: boolean;
  /** What is noted on the message, by any pane. */
  marks: () => Promise<Marks>;
  /** Notes on the message how far its sending is, so that a closed pane finds it again. */
  note: (marks: Marks) => Promise<void>;
  /** The request that names the message, or hands it over. */
  request: (attempt: Attempt, around: Surroundings) => Promise<SendRequest>;
}

export interface Surroundings {
  api: Api;
  desk: Desk;
  told: (progress: Progress) => void;
  signal: AbortSignal;
  wait: (ms: number) => Promise<void>;
}

export function newAttempt(key: string, options: Options, added: AddedFile[], leftOut: LeftOut[], more: Partial<Pick<Attempt, "uploads" | "overrides" | "phones">> = {}): Attempt {
  return { key, nonce: crypto.randomUUID(), options, added, leftOut, uploads: new Map(), overrides: [], phones: [], ...more, uncertain: false };
}
