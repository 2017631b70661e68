import { Api } from "../src/api/client";
import type { Settings, Transfer } from "../src/api/types";
import type { Upload } from "../src/api/upload";
import type { Services } from "../src/shell/boot";

export const id = "00" + "0".repeat(32);

export const settings: Settings = {
  caller: { name: "The caseworker", address: "caseworker@municipality.example", roles: ["Caseworker"] },
  policy: {
    organisation: "The Municipality",
    expiryDays: 7,
    maxExpiryDays: 30,
    maxTransferBytes: 2_000_000_000,
    maxFileBytes: 1_000_000_000,
    maxFiles: 3,
    maxRecipients: 2,
    codes: ["generated", "password", "none"],
    minPassword: 8,
    phoneCountry: "+45",
    languages: ["da", "en"],
    senderLinks: false,
    alerts: "block",
  },
  mailboxes: [
    { id: "building", name: "Building", address: "building@municipality.example", topics: [{ id: "permits", name: "Permits" }] },
    { id: "school", name: "School", address: "school@municipality.example", topics: [] },
  ],
  defaults: { expiryDays: 7, language: "da", code: "generated" },
};

export const live: Transfer = {
  id,
  state: "live",
  progress: { received: 10, total: 10 },
  encrypted: true,
  filed: true,
  codeKind: "generated",
  code: "kobber-7341",
  expiresAt: "2026-11-29T09:00:00Z",
  files: [{ id: "f1", name: "decision.pdf", type: "application/pdf", size: 1000 }],
  recipients: [{ id: "r1", address: "citizen@home.example", field: "to", state: "notified" }],
};
export const receiving: Transfer = { id, state: "receiving", progress: { received: 0, total: 0 } };

export interface Call {
  method: string;
  path: string;
  headers: Headers;
  body: string;
}

export type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | "lost" | Response;
type Route = Answer | ((call: Call) => Answer | Promise<Answer>);

/** A backend of answers: each route has a list, whose last answer stays. */
export class Backend {
  readonly calls: Call[] = [];
  readonly uploads: Upload[] = [];
  private readonly begun: Record<string, number> = {};
  readonly refreshes: boolean[] = [];
  onToken = (refresh: boolean): Promise<string> => Promise.resolve(refresh ? "fresh" : "token");
  onUpload: (upload: Upload) => Promise<void> = () => Promise.resolve();

  constructor(private readonly routes: Record<string, Route[]> = {}) {
    this.routes["GET /settings"] ??= [{ status: 200, body: settings }];
  }

  /** The requests to send something. */
  posts(): Call[] {
    return this.calls.filter((call) => call.method === "POST" && call.path === "/transfers");
  }

  api(language = "en"): Api {
    return new Api({
      origin: "https://api.example",
      language,
      token: (refresh) => {
        this.refreshes.push(refresh);
        return this.onToken(refresh);
      },
      fetch: (input, init) => this.fetch(String(input), init),
      upload: async (upload) => {
        this.uploads.push(upload);
        const n = (this.begun[upload.endpoint] = (this.begun[upload.endpoint] ?? 0) + (upload.at ? 0 : 1));
        upload.began(upload.at ?? `${upload.endpoint}/u${n}`);
        await this.onUpload(upload);
      },
      wait: () => Promise.resolve(),
    });
  }

  /** Answers a route in this way from now on. */
  answer(route: string, answer: Answer): void {
    this.routes[route] = [answer];
  }

  /** What was asked for, by method and path. */
  asked(): string[] {
    return this.calls.map(({ method, path }) => `${method} ${path}`);
  }

  services(account = "caseworker@municipality.example"): Services {
    return { signIn: () => Promise.resolve({ account, token: () => Promise.resolve("token") }), api: (_, language) => this.api(language) };
  }

  private async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const path = url.replace("https://api.example/api/v1", "");
    const call = { method: init.method ?? "GET", path, headers: new Headers(init.headers), body: String(init.body ?? "") };
    this.calls.push(call);
    const list = this.routes[`${call.method} ${path}`];
    if (!list && /^\/uploads\/[^/]*$/.test(path)) return respond({ status: 200, body: { files: [] } });
    if (!list && call.method === "DELETE") return respond({ status: 204 });
    if (!list) throw new Error(`no answer for ${call.method} ${path}`);
    const route = list.length > 1 ? list.shift()! : list[0]!;
    return respond(typeof route === "function" ? await route(call) : route);
  }
}

function respond(answer: Answer): Response {
  if (answer === "lost") throw new TypeError("network");
  if (answer instanceof Response) return answer;
  const body = answer.body === undefined ? null : JSON.stringify(answer.body);
  return new Response(body, { status: answer.status, headers: answer.headers ?? {} });
}

/** A progress stream that tells these states. */
export const stream = (...states: Transfer[]): Response =>
  new Response(states.map((state) => `event: progress\ndata: ${JSON.stringify(state)}\n\n`).join(""));

export const problem = (status: number, code: string, detail: string) => ({
  status,
  body: { type: "about:blank", title: code, status, code, detail, instance: "req-1" },
});
