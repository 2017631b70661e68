import { AuthError, type AuthenticationResult, type IPublicClientApplication } from "@azure/msal-browser";
import type { Told } from "./dialog";

/** One visit of the sign-in page: first it goes to Entra, which leaves the page (undefined); on the way back it has a token. */
export async function visit(app: IPublicClientApplication, scope: string): Promise<Told | undefined> {
  try {
    const back = await app.handleRedirectPromise();
    if (back) return granted(back);
    await app.acquireTokenRedirect({ scopes: [scope] });
    return undefined;
  } catch (error) {
    return { fault: error instanceof AuthError && /cancel|access_denied/.test(error.errorCode) ? "cancelled" : "failed" };
  }
}

const granted = ({ accessToken, account, expiresOn }: AuthenticationResult): Told => ({
  token: accessToken,
  account: account.username,
  expires: expiresOn?.getTime() ?? Date.now(),
});
