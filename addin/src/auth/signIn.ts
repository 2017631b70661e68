import {
  AuthError,
  createNestablePublicClientApplication,
  type AuthenticationResult,
  type IPublicClientApplication,
} from "@azure/msal-browser";
import type { TokenSource } from "../api/client";
import type { Config } from "../config";
import { supports } from "../office/host";
import { canOpenDialog, signInByDialog } from "./dialog";
import { SignInFault } from "./fault";

export interface Session {
  /** The account that Outlook signed in with, as the directory knows it. */
  account: string;
  token: TokenSource;
}

/**
 * Signs in through Outlook by nested app authentication (see bridge.md), and
 * where Outlook has none, through a window. Rejects with SignInFault.
 */
export async function signIn(config: Config): Promise<Session> {
  const app = supports("NestedAppAuth", "1.1") ? await start(config) : undefined;
  if (!app) {
    if (!canOpenDialog()) throw new SignInFault("unsupported");
    return signInByDialog();
  }
  const first = await acquire(app, config.scope, false);
  return {
    account: first.account.username,
    token: async (refresh) => (await acquire(app, config.scope, refresh)).accessToken,
  };
}

/** Undefined where Outlook promises nested app authentication and has none after all. */
function start({ clientId, authority }: Config): Promise<IPublicClientApplication | undefined> {
  return createNestablePublicClientApplication({
    auth: { clientId, authority },
    cache: { cacheLocation: "sessionStorage" },
  }).catch(() => undefined);
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
