import { ApiFault, LostConnection } from "../api/fault";
import type { Transfer } from "../api/types";
import { SignInFault } from "../auth/fault";
import { OutlookFault } from "../office/call";
import type { Words } from "../words";
import { FilesChanged } from "./leftOut";

/** What went wrong, in the reader's language. */
export interface Failure {
  sentence: string;
  /** The request's id, to quote to support. */
  reference?: string;
  /** It was sent before, with other options: asking again does not help. */
  sentOtherwise?: boolean;
}

/** Puts any error into words. What is foreign shows no text of its own. */
export function failureOf(error: unknown, words: Words): Failure {
  if (error instanceof ApiFault) {
    if (error.problem.code === "key_reused") return { sentence: words.sentOtherwise, sentOtherwise: true };
    const reference = error.problem.instance;
    return { sentence: error.sentence, ...(reference ? { reference } : {}) };
  }
  if (error instanceof LostConnection) return { sentence: words.noConnection };
  if (error instanceof FilesChanged) return { sentence: words.filesChanged };
  if (error instanceof OutlookFault) return { sentence: words.outlookRefused };
  if (error instanceof SignInFault) return { sentence: signInSentence(error, words) };
  return { sentence: words.unexpected };
}

function signInSentence({ kind }: SignInFault, words: Words): string {
  return { unsupported: words.signInUnsupported, cancelled: words.signInCancelled, failed: words.signInFailed, ended: words.signInEnded }[kind];
}

/** The reason of a transfer that failed while it was received. */
export const failureOfTransfer = (transfer: Transfer, words: Words): Failure => ({
  sentence: transfer.detail ?? words.unexpected,
  reference: transfer.id,
});
