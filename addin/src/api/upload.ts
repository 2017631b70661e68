import { Upload as Tus, type DetailedError } from "tus-js-client";
import { faultOf, LostConnection } from "./fault";

/** One file on its way to the backend. */
export interface Upload {
  /** Where uploads are begun. */
  endpoint: string;
  /** Where this one lies, when it was begun before. */
  at?: string | undefined;
  file: File;
  headers: (refresh: boolean) => Promise<Record<string, string>>;
  began: (at: string) => void;
  sent: (bytes: number) => void;
  /** The connection broke; it goes on by itself. */
  broke: () => void;
  signal: AbortSignal;
}

export type Uploader = (upload: Upload) => Promise<void>;

// A minute in all; what is longer, a person decides. Progress begins them anew.
const delaysMs = [500, 1000, 2000, 4000, 8000, 15_000, 30_000];

/**
 * Sends a file by tus 1.0.0, in one piece for as long as the connection holds,
 * and from where it broke after that. Rejects with ApiFault, LostConnection or
 * the signal's reason.
 */
export const uploadResumably: Uploader = (upload) =>
  new Promise((resolve, reject) => {
    let refresh = false;
    const tus = new Tus(upload.file, {
      endpoint: upload.at ? null : upload.endpoint,
      uploadUrl: upload.at ?? null,
      metadata: { filename: upload.file.name.toWellFormed?.() ?? upload.file.name, filetype: upload.file.type || "application/octet-stream" },
      retryDelays: delaysMs,
      storeFingerprintForResuming: false,
      onBeforeRequest: async (request) => {
        for (const [name, value] of Object.entries(await upload.headers(refresh))) request.setHeader(name, value);
      },
      onShouldRetry: (error) => {
        refresh = statusOf(error) === 401;
        const again = !upload.signal.aborted && isPassing(statusOf(error));
        if (again) upload.broke();
        return again;
      },
      onUploadUrlAvailable: () => {
        tus.options.endpoint = null; // with one, an offset that cannot be asked for now would begin the file anew
        upload.began(tus.url!);
      },
      onProgress: (bytes) => upload.sent(bytes),
      onSuccess: () => resolve(),
      onError: (error) => reject(reasonOf(error)),
    });
    const stop = () => {
      void tus.abort();
      reject(upload.signal.reason);
    };
    upload.signal.addEventListener("abort", stop, { once: true });
    if (upload.signal.aborted) stop();
    else tus.start();
  });

/** The answer's status, 0 when there was none. */
const statusOf = (error: Error): number => (error as DetailedError).originalResponse?.getStatus() ?? 0;

/** True for what may pass: no answer, an expired token, another piece still being written, busy, down. */
const isPassing = (status: number): boolean => status === 0 || status >= 500 || [401, 409, 423, 429].includes(status);

function reasonOf(error: Error): Error {
  const status = statusOf(error);
  return status === 0 ? new LostConnection() : faultOf(status, (error as DetailedError).originalResponse?.getBody() ?? "");
}
