import { beforeEach, describe, expect, it } from "vitest";
import { SignInFault } from "../src/auth/fault";
import { signIn } from "../src/auth/signIn";
import { message, openOutlook } from "./outlook";

interface Request {
  messageType: string;
  method: string;
  requestId: string;
  tokenParams?: { clientId: string; scope: string; forceRefresh?: boolean };
}
type Reply = { token: object; account: object } | { error: { status: string } };

const config = { clientId: "8b7c0000-0000-4000-8000-000000000001", authority: "https://login.microsoftonline.com/t", api: "", scope: "api://x/access_as_user" };
const account = { environment: "login.microsoftonline.com", homeAccountId: "o.t", username: "caseworker@municipality.example" };

/** Outlook's side of the bridge, as bridge.md says. */
class Bridge {
  readonly requests: Request[] = [];
  private readonly listeners: ((answer: string) => void)[] = [];
  private tokens = 0;
  constructor(private readonly replies: Record<string, Reply> = {}) {}

  addEventListener(_: string, listener: (answer: string) => void): void {
    this.listeners.push(listener);
  }
  removeEventListener(): void {}

  postMessage(text: string): void {
    const request = JSON.parse(text) as Request;
    this.requests.push(request);
    const rest = request.method === "GetInitContext" ? { initContext: { sdkName: "test", sdkVersion: "1" } } : this.reply(request.method);
    const answer = { messageType: "NestedAppAuthResponse", requestId: request.requestId, success: !("error" in rest), ...rest };
    queueMicrotask(() => this.listeners.forEach((listener) => listener(JSON.stringify(answer))));
  }

  methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  private reply(method: string): Reply {
    const claims = btoa(JSON.stringify({ oid: "o", tid: "t", sub: "s", preferred_username: account.username }));
    const token = { access_token: `access${++this.tokens}`, id_token: `e30.${claims}.x`, expires_in: 3600, properties: null };
    return this.replies[method] ?? { token, account };
  }
}

function install(replies?: Record<string, Reply>): Bridge {
  const bridge = new Bridge(replies);
  Object.assign(window, { nestedAppAuthBridge: bridge });
  return bridge;
}

describe("signing in through Outlook", () => {
  beforeEach(() => openOutlook(message()));

  it("asks silently for the API's scope and gives an access token", async () => {
    const bridge = install();
    const session = await signIn(config);
    expect(session.account).toBe(account.username);
    expect(await session.token(false)).toMatch(/^access/);
    expect(bridge.methods().slice(0, 2)).toEqual(["GetInitContext", "GetToken"]);
    expect(bridge.requests[1]?.messageType).toBe("NestedAppAuthRequest");
    expect(bridge.requests[1]?.tokenParams).toMatchObject({ clientId: config.clientId, scope: config.scope });
  });

  it("asks for a fresh token when the last was refused", async () => {
    const bridge = install();
    const session = await signIn(config);
    await session.token(true);
    expect(bridge.requests.at(-1)?.tokenParams?.forceRefresh).toBe(true);
  });

  it("asks the person where Outlook must", async () => {
    const bridge = install({ GetToken: { error: { status: "USER_INTERACTION_REQUIRED" } } });
    await signIn(config);
    expect(bridge.methods()).toEqual(["GetInitContext", "GetToken", "GetTokenPopup"]);
  });

  it.each([
    ["USER_CANCEL", "cancelled"],
    ["PERSISTENT_ERROR", "failed"],
  ])("says so when it ends with %s", async (status, kind) => {
    install({ GetToken: { error: { status: "USER_INTERACTION_REQUIRED" } }, GetTokenPopup: { error: { status } } });
    await expect(signIn(config)).rejects.toMatchObject({ kind });
  });

  it("asks nobody without a network", async () => {
    const bridge = install({ GetToken: { error: { status: "NO_NETWORK" } } });
    await expect(signIn(config)).rejects.toMatchObject({ kind: "failed" });
    expect(bridge.methods()).not.toContain("GetTokenPopup");
  });

  it("does not try where Outlook cannot", async () => {
    const bridge = install();
    openOutlook(message(), { sets: [] });
    await expect(signIn(config)).rejects.toThrow(SignInFault);
    expect(bridge.requests).toEqual([]);
  });
});
