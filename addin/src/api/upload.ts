import { faultOf, LostConnection } from "./fault";
import type { StoredFile } from "./types";

/** One raw upload. XMLHttpRequest, since fetch tells nothing about bytes sent. */
export interface Upload {
  url: string;
  headers: Record<string, string>;
  body: Blob;
  sent: (bytes: number) => void;
  signal: AbortSignal;
}

export type Uploader = (upload: Upload) => Promise<StoredFile>;

/** Sends the bytes. Rejects with ApiFault, LostConnection or the signal's reason. */
export const putBytes: Uploader = ({ url, headers, body, sent, signal }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => sent(event.loaded);
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as StoredFile);
      else reject(faultOf(request.status, request.responseText));
    };
    request.onerror = () => reject(new LostConnection());
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) request.abort();
    else request.send(body);
  });

/** The Content-Disposition of a file (RFC 6266, RFC 8187 coding of the name). */
export function disposition(name: string): string {
  const coded = encodeURIComponent(name.toWellFormed?.() ?? name).replace(
    /['()*]/g,
    (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase(),
  );
  return `attachment; filename*=UTF-8''${coded}`;
}

