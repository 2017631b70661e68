import {
  AuthError,
  createNestablePublicClientApplication,
  type AuthenticationResult,
  type IPublicClientApplication,
} from "@azure/msal-browser";
import type { TokenSource } from "../api/client";
import type { Config } from "../config";
import { supports } from "../office/host";

/** Why nobody is signed in. */
export class SignInFault extends Error {
  constructor(readonly kind: "unsupported" | "cancelled" | "failed") {
    super(`sign-in: ${kind}`);
  }
}

export interface Session {
  /** The account that Outlook signed in with, as the directory knows it. */
  account: string;
  token: TokenSource;
}

/**
 * Signs in through Outlook by nested app authentication (see bridge.md).
 * Rejects with SignInFault.
 */
export async function signIn(config: Config): Promise<Session> {
  if (!supports("NestedAppAuth", "1.1")) throw new SignInFault("unsupported");
  const app = await start(config);
  const first = await acquire(app, config.scope, false);
  return {
    account: first.account.username,
    token: async (refresh) => (await acquire(app, config.scope, refresh)).accessToken,
  };
}

function start({ clientId, authority }: Config): Promise<IPublicClientApplication> {
  return createNestablePublicClientApplication({
    auth: { clientId, authority },
    cache: { cacheLocation: "sessionStorage" },
  }).catch(() => {
    throw new SignInFault("unsupported");
  });
}

async function acquire(app: IPublicClientApplication, scope: string, refresh: boolean): Promise<AuthenticationResult> {
  const scopes = [scope];
  try {
    return await app.acquireTokenSilent({ scopes, forceRefresh: refresh });
  } catch (error) {
    if (codeOf(error) === "no_network_connectivity") throw new SignInFault("failed");
  }
  try {
    return await app.acquireTokenPopup({ scopes });
  } catch (error) {
    throw new SignInFault(codeOf(error) === "user_canceled" ? "cancelled" : "failed");
  }
}

const codeOf = (error: unknown): string => (error instanceof AuthError ? error.errorCode : "");
