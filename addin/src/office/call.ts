/** Outlook refused, did not answer in time, or lacks the function. */
export class OutlookFault extends Error {
  constructor(readonly kind: "refused" | "timeout" | "missing", readonly detail = "") {
    super(`outlook: ${kind}`);
  }
}

type Callback<T> = (result: Office.AsyncResult<T>) => void;

/**
 * Turns one callback function of Office.js into a promise. Some of them never
 * call back (office-js issue 5845), so every call has a time limit.
 */
export function call<T>(invoke: (done: Callback<T>) => void, limitMs = 20_000): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new OutlookFault("timeout")), limitMs);
    const done: Callback<T> = (result) => {
      clearTimeout(timer);
      if (String(result.status) === "succeeded") resolve(result.value);
      else reject(new OutlookFault("refused", result.error?.message));
    };
    try {
      invoke(done);
    } catch (error) {
      clearTimeout(timer);
      reject(new OutlookFault("missing", error instanceof Error ? error.message : ""));
    }
  });
}

/** As call, but an answer of undefined when Outlook lacks the function or refuses. */
export async function attempt<T>(invoke: (done: Callback<T>) => void): Promise<T | undefined> {
  try {
    return await call(invoke);
  } catch {
    return undefined;
  }
}
