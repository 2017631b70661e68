import { readEvents } from "./events";
import { faultOf, LostConnection } from "./fault";
import type { CheckedRecipient, Defaults, OwnLink, Preview, PreviewRequest, ReceivedMessage, ReceivedPage, SearchRequest, SendRequest, Settings, Transfer, TransferPage } from "./types";
import { uploadResumably, type Upload, type Uploader } from "./upload";

/** Gives the token that requests are made with; a fresh one when the last was refused. */
export type TokenSource = (refresh: boolean) => Promise<string>;

/** How a request says whose it is. */
export interface Scheme {
  credentials: RequestCredentials;
  headers: (token: string) => Record<string, string>;
}

/** An access token, and no cookie. */
export const bearer: Scheme = { credentials: "omit", headers: (token) => ({ Authorization: `Bearer ${token}` }) };

/** The session that the browser's cookie names, with the token that no other site knows. */
export const session: Scheme = { credentials: "same-origin", headers: (token) => ({ "X-CSRF-Token": token }) };

export interface ApiParts {
  origin: string;
  token: TokenSource;
  /** bearer where it is not given. */
  scheme?: Scheme;
  language: string;
  fetch?: typeof fetch;
  upload?: Uploader;
  wait?: (ms: number) => Promise<void>;
}

const longestWaitMs = 30_000;
const busyTries = 3;

/**
 * The backend's API. A refused token is renewed once; an answer of 429 or 503
 * is waited for as long as it asks, three times at most. Everything else is
 * the caller's: ApiFault for an answer, LostConnection for none.
 */
export class Api {
  private readonly fetch: typeof fetch;
  private readonly upload: Uploader;
  private readonly wait: (ms: number) => Promise<void>;
  private readonly scheme: Scheme;

  constructor(private readonly parts: ApiParts) {
    this.fetch = parts.fetch ?? ((input, init) => fetch(input, init));
    this.upload = parts.upload ?? uploadResumably;
    this.scheme = parts.scheme ?? bearer;
    this.wait = parts.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  settings(): Promise<Settings> {
    return this.json("/settings", { method: "GET" });
  }

  /** Replaces the caller's defaults. */
  async keepDefaults(defaults: Defaults): Promise<void> {
    await this.send("/settings/defaults", {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(defaults),
    });
  }

  /** Reads lists of recipients and says what to notice about each. */
  async checkRecipients(recipients: string[]): Promise<CheckedRecipient[]> {
    return (await this.post<{ recipients: CheckedRecipient[] }>("/recipients/check", { recipients })).recipients;
  }

  /** The notification as a recipient would read it. */
  preview(request: PreviewRequest): Promise<Preview> {
    return this.post("/preview", request);
  }

  /** The caller's transfers that fit, newest first. */
  search(request: SearchRequest): Promise<TransferPage> {
    return this.post("/transfers/search", request);
  }

  /** Calls a transfer off while it is received; the answer says whether that came in time. */
  cancel(id: string): Promise<Transfer> {
    return this.post(`/transfers/${id}/cancel`, {});
  }

  /** The recipients' links, for the sender to pass on herself. */
  async links(id: string): Promise<OwnLink[]> {
    return (await this.post<{ links: OwnLink[] }>(`/transfers/${id}/links`, {})).links;
  }

  /** The mail that proves the dispatch, for the archive. */
  async evidence(id: string): Promise<Blob> {
    return (await this.send(`/transfers/${id}/evidence.eml`, { method: "GET", headers: { Accept: "message/rfc822" } })).blob();
  }

  /** Takes a transfer back from one recipient, or from all. */
  withdraw(id: string, recipient?: string): Promise<Transfer> {
    return this.post(`/transfers/${id}/withdraw`, recipient ? { recipient } : {});
  }

  restore(id: string, recipient?: string): Promise<Transfer> {
    return this.post(`/transfers/${id}/restore`, recipient ? { recipient } : {});
  }

  extend(id: string, until: Date): Promise<Transfer> {
    return this.post(`/transfers/${id}/extend`, { expiresAt: until.toISOString() });
  }

  /** Mails a recipient a new link; the one before stops working. */
  relink(id: string, recipient: string): Promise<Transfer> {
    return this.post(`/transfers/${id}/relink`, { recipient });
  }

  /** Mails a recipient the notification once more. */
  remind(id: string, recipient: string): Promise<Transfer> {
    return this.post(`/transfers/${id}/remind`, { recipient });
  }

  /** Replaces the code by a new one to pass on; the one before stops working. */
  recode(id: string): Promise<Transfer> {
    return this.post(`/transfers/${id}/recode`, {});
  }

  transfer(id: string): Promise<Transfer> {
    return this.json(`/transfers/${id}`, { method: "GET" });
  }

  /** Sends. The same key with the same request is the same transfer, however often. */
  createTransfer(key: string, request: SendRequest): Promise<Transfer> {
    return this.json("/transfers", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key },
      body: JSON.stringify(request),
    });
  }

  /** Tells each state of a transfer while it is received; returns when that is over or the stream ends. */
  async follow(id: string, told: (transfer: Transfer) => void): Promise<void> {
    const answer = await this.send(`/transfers/${id}/progress`, {
      method: "GET",
      headers: { Accept: "text/event-stream" },
    });
    if (!answer.body) throw new LostConnection();
    try {
      for await (const { event, data } of readEvents(answer.body)) {
        if (event === "progress") told(JSON.parse(data) as Transfer);
      }
    } catch {
      throw new LostConnection();
    }
  }

  /** Uploads one file ahead of its transfer, or the rest of one that was begun at an address. */
  putFile(key: string, upload: Omit<Upload, "endpoint" | "headers">): Promise<void> {
    return this.upload({ ...upload, endpoint: this.url(`/uploads/${key}`), headers: (refresh) => this.headers(refresh) });
  }

  /** Ids of the files that lie under a key, whole or in part. */
  async uploads(key: string): Promise<string[]> {
    return (await this.json<{ files: { id: string }[] }>(`/uploads/${key}`, { method: "GET" })).files.map(({ id }) => id);
  }

  async deleteFile(key: string, id: string): Promise<void> {
    await this.send(`/uploads/${key}/${id}`, { method: "DELETE" });
  }

  /** What was sent to the caller and can still be read, newest first. */
  received(cursor?: string): Promise<ReceivedPage> {
    return this.json(`/received${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`, { method: "GET" });
  }

  receivedMessage(id: string): Promise<ReceivedMessage> {
    return this.json(`/received/${id}`, { method: "GET" });
  }

  /** Where the text of a received message is shown from, in a frame. */
  receivedBody(id: string): string {
    return this.url(`/received/${id}/body`);
  }

  /** Where the browser fetches a received file from. */
  receivedFile(id: string, file: string): string {
    return this.url(`/received/${id}/files/${encodeURIComponent(file)}`);
  }

  /** Deletes a received message from the caller's list. */
  async discard(id: string): Promise<void> {
    await this.send(`/received/${id}`, { method: "DELETE" });
  }

  private post<T>(path: string, body: object): Promise<T> {
    return this.json(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  private async json<T>(path: string, init: RequestInit): Promise<T> {
    const answer = await this.send(path, init);
    try {
      return (await answer.json()) as T;
    } catch {
      throw new LostConnection();
    }
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    let refresh = false;
    for (let tries = 1; ; tries++) {
      const answer = await this.once(path, init, refresh);
      if (answer.ok) return answer;
      const pause = retryAfter(answer);
      if (answer.status === 401 && !refresh) refresh = true;
      else if (pause !== undefined && tries < busyTries) await this.wait(pause);
      else throw faultOf(answer.status, await answer.text().catch(() => ""));
    }
  }

  private async once(path: string, init: RequestInit, refresh: boolean): Promise<Response> {
    const headers = { ...(await this.headers(refresh)), ...(init.headers as Record<string, string>) };
    try {
      return await this.fetch(this.url(path), { ...init, headers, credentials: this.scheme.credentials, cache: "no-store" });
    } catch {
      throw new LostConnection();
    }
  }

  private async headers(refresh: boolean): Promise<Record<string, string>> {
    return { ...this.scheme.headers(await this.parts.token(refresh)), "Accept-Language": this.parts.language };
  }

  private url(path: string): string {
    return `${this.parts.origin}/api/v1${path}`;
  }
}

/** Milliseconds to wait before another try, or undefined when the answer is not about being busy. */
function retryAfter(answer: Response): number | undefined {
  if (answer.status !== 429 && answer.status !== 503) return undefined;
  const seconds = Number(answer.headers.get("Retry-After") ?? "1");
  return Math.min(Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : 1000, longestWaitMs);
}
