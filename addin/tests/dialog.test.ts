import { AuthError, type IPublicClientApplication } from "@azure/msal-browser";
import { beforeEach, describe, expect, it } from "vitest";
import { signIn } from "../src/auth/signIn";
import { visit } from "../src/auth/redirect";
import { message, openOutlook } from "./outlook";

const config = { clientId: "8b7c0000-0000-4000-8000-000000000001", authority: "https://login.microsoftonline.com/t", api: "", scope: "api://x/access_as_user" };
const granted = (token: string, minutes = 60) => JSON.stringify({ token, account: "caseworker@municipality.example", expires: Date.now() + minutes * 60_000 });

type Handler = (event: object) => void;

/** Office's windows: each that opens is told one thing. */
class Windows {
  readonly opened: string[] = [];
  closed = 0;
  constructor(private readonly events: ({ message: string; origin: string } | { error: number })[], private readonly refusal?: number) {
    Object.assign(Office.context, { ui: { displayDialogAsync: this.show } });
    Object.assign(Office, { EventType: { DialogMessageReceived: "message", DialogEventReceived: "event" } });
  }
  private readonly show = (url: string, _: object, done: (result: object) => void) => {
    this.opened.push(url);
    if (this.refusal) return done({ status: "failed", error: { code: this.refusal } });
    const next = this.events.shift()!;
    const addEventHandler = (type: string, handler: Handler) => {
      if (type === ("message" in next ? "message" : "event")) queueMicrotask(() => handler(next));
    };
    done({ status: "succeeded", value: { addEventHandler, close: () => this.closed++ } });
  };
}

const said = (text: string, origin = location.origin) => ({ message: text, origin });

describe("where Outlook has no nested app authentication", () => {
  beforeEach(() => openOutlook(message(), { sets: ["Mailbox 1.8"] }));

  it("a window of Office's signs in, and opens again when the token has ended or was refused", async () => {
    const windows = new Windows([said(granted("one")), said(granted("two", 1)), said(granted("three"))]);
    const session = await signIn(config);
    expect(session.account).toBe("caseworker@municipality.example");
    expect(await session.token(false)).toBe("one");
    expect(await session.token(true)).toBe("two");
    expect(await session.token(false)).toBe("three"); // one minute is too short for what follows
    expect(windows.opened).toEqual(Array(3).fill(`${location.origin}/signin.html`));
    expect(windows.closed).toBe(3);
  });

  it("two that need a token at once wait for one window", async () => {
    const windows = new Windows([said(granted("one")), said(granted("two"))]);
    const session = await signIn(config);
    expect(await Promise.all([session.token(true), session.token(true)])).toEqual(["two", "two"]);
    expect(windows.opened).toHaveLength(2);
  });

  it.each<[string, ConstructorParameters<typeof Windows>, string]>([
    ["closed by the person", [[{ error: 12006 }]], "cancelled"],
    ["that she did not want", [[], 12009], "cancelled"],
    ["that was blocked", [[], 12011], "failed"],
    ["that cannot be shown", [[{ error: 12002 }]], "failed"],
    ["of another origin", [[said(granted("evil"), "https://evil.example")]], "failed"],
    ["that says nothing of use", [[said("{}")]], "failed"],
    ["that says no JSON", [[said("<b>")]], "failed"],
    ["in which she gave up", [[said('{"fault":"cancelled"}')]], "cancelled"],
  ])("a window %s signs nobody in", async (_, [events, refusal], kind) => {
    new Windows(events, refusal);
    await expect(signIn(config)).rejects.toMatchObject({ kind });
  });

  it("and no windows, nobody is signed in, and it is known why", async () => {
    Object.assign(Office.context, { ui: undefined });
    await expect(signIn(config)).rejects.toMatchObject({ kind: "unsupported" });
  });
});

describe("the page in the window", () => {
  const app = (part: object) => part as unknown as IPublicClientApplication;

  it("goes to Entra first", async () => {
    const asked: unknown[] = [];
    const told = await visit(app({ handleRedirectPromise: async () => null, acquireTokenRedirect: async (request: unknown) => void asked.push(request) }), "scope");
    expect([told, asked]).toEqual([undefined, [{ scopes: ["scope"] }]]);
  });

  it("tells on the way back who has signed in, and the access token only", async () => {
    const back = { accessToken: "access", idToken: "id", account: { username: "a@b.example" }, expiresOn: new Date(5) };
    expect(await visit(app({ handleRedirectPromise: async () => back }), "scope")).toEqual({ token: "access", account: "a@b.example", expires: 5 });
  });

  it.each([["access_denied", "cancelled"], ["user_cancelled", "cancelled"], ["server_error", "failed"]])("tells of %s that it %s", async (code, fault) => {
    expect(await visit(app({ handleRedirectPromise: () => Promise.reject(new AuthError(code, "")) }), "scope")).toEqual({ fault });
  });
});
