import { createStandardPublicClientApplication } from "@azure/msal-browser";
import { visit } from "./auth/redirect";
import { readConfig } from "./config";

// The page in the window that the pane opens where Outlook cannot sign in itself. The token goes to the pane's own
// origin and to nobody else; Entra's session, not this page, remembers the person.
await Office.onReady();
const { clientId, authority, scope } = readConfig(document);
const app = await createStandardPublicClientApplication({
  auth: { clientId, authority, knownAuthorities: [new URL(authority).host], redirectUri: location.origin + location.pathname },
  cache: { cacheLocation: "sessionStorage" },
});
const told = await visit(app, scope);
if (told) Office.context.ui.messageParent(JSON.stringify(told), { targetOrigin: location.origin });
