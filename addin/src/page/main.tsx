import { createDOMRenderer, RendererProvider } from "@fluentui/react-components";
import { StrictMode, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { Api, session } from "../api/client";
import { styleNonce } from "../config";
import type { Language } from "../api/types";
import { languageOf } from "../words";
import { App } from "./App";
import { readSession, signed } from "./session";

const first = readSession(document);
let tell = (_: boolean): void => undefined;
const { token, csrf } = signed(first, (ended) => tell(ended));
const renew = () => token(true);
const onSession = (told: (ended: boolean) => void): void => void (tell = told);
const nonce = styleNonce(document);
const renderer = createDOMRenderer(document, nonce ? { styleElementAttributes: { nonce } } : {});
createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <RendererProvider renderer={renderer}>
      <Page />
    </RendererProvider>
  </StrictMode>,
);

/** The page in the reader's language, which she may change. The backend remembers it when it is asked for the page in it. */
function Page() {
  const [language, setLanguage] = useState(() => languageOf(first.language ?? navigator.language));
  const api = useMemo(() => new Api({ origin: "", token, scheme: session, language }), [language]);
  const choose = (next: Language) => {
    setLanguage(next);
    void fetch(`${location.pathname}?lang=${next}`, { credentials: "same-origin" }).catch(() => undefined);
  };
  return <App api={api} account={first.account} language={language} onLanguage={choose} csrf={csrf} onSession={onSession} renew={renew} />;
}
