import type { SendRequest } from "../api/types";
import { newAttempt, type Attempt } from "./attempt";

/**
 * A posted request whose answer is not known, kept in the tab's session
 * storage, so that a reopened pane can ask again with the very same request.
 * A password is never written down: such a request is not kept, and the
 * backend then recognises the key alone.
 */
interface Kept {
  nonce: string;
  request: SendRequest;
}

const slot = (key: string): string => `sd.attempt.${key}`;

export function keep({ key, nonce, request }: Attempt): void {
  if (!request || request.options.password !== undefined) return;
  quietly(() => sessionStorage.setItem(slot(key), JSON.stringify({ nonce, request } satisfies Kept)));
}

export function forget(key: string): void {
  quietly(() => sessionStorage.removeItem(slot(key)));
}

/** The attempt under this key whose answer is not known, if the tab still has it. */
export function recallAttempt(key: string): Attempt | undefined {
  const text = quietly(() => sessionStorage.getItem(slot(key)));
  if (!text) return undefined;
  const { nonce, request } = JSON.parse(text) as Kept;
  return { ...newAttempt(key, request.options, [], [], { overrides: request.overrides ?? [] }), nonce, request, uncertain: true };
}

/** Storage may be forbidden in a frame, or hold what is not ours; then nothing is kept. */
export function quietly<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
