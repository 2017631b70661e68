import { createDOMRenderer, RendererProvider } from "@fluentui/react-components";
import { StrictMode, useMemo } from "react";
import { createRoot } from "react-dom/client";
import { Api, session } from "../api/client";
import { styleNonce } from "../config";
import { App } from "./App";
import { useLanguage } from "./language";
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

/** The page in the reader's language, which she may change. */
function Page() {
  const [language, choose] = useLanguage(first.language ?? navigator.language);
  const api = useMemo(() => new Api({ origin: "", token, scheme: session, language }), [language]);
  return <App api={api} account={first.account} language={language} onLanguage={choose} csrf={csrf} onSession={onSession} renew={renew} />;
}
