/** What the backend writes into the page when it serves it. */
export interface Config {
  clientId: string;
  /** Authority of the tenant, such as https://login.microsoftonline.com/<tenant>. */
  authority: string;
  /** Origin of the API; "" is the pane's own. */
  api: string;
  /** Scope of the access token, api://<client id>/access_as_user. */
  scope: string;
}

/** Reads the configuration from the page. Throws when the page was not filled in. */
export function readConfig(page: Document): Config {
  const text = page.querySelector('meta[name="sd-config"]')?.getAttribute("content") ?? "";
  const { clientId, authority, api, scope } = JSON.parse(text) as Partial<Config>;
  if (!clientId || !authority || !scope) throw new Error("the page carries no configuration");
  return { clientId, authority, api: api ?? "", scope };
}

/** The nonce under which this page may add style elements; undefined outside a strict policy. */
export function styleNonce(page: Document): string | undefined {
  return page.querySelector("style")?.nonce || undefined;
}
