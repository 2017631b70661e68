import { createDOMRenderer, RendererProvider } from "@fluentui/react-components";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Api, session } from "../api/client";
import { styleNonce } from "../config";
import { languageOf } from "../words";
import { App } from "./App";
import { readSession, signed } from "./session";

const language = languageOf(new URLSearchParams(location.search).get("lang") ?? navigator.language);
const first = readSession(document);
let tell = (_: boolean): void => undefined;
const { token, csrf } = signed(first, (ended) => tell(ended));
const onSession = (told: (ended: boolean) => void): void => void (tell = told);
const api = new Api({ origin: "", token, scheme: session, language });
const nonce = styleNonce(document);
const renderer = createDOMRenderer(document, nonce ? { styleElementAttributes: { nonce } } : {});
createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <RendererProvider renderer={renderer}>
      <App api={api} account={first.account} language={language} csrf={csrf} onSession={onSession} />
    </RendererProvider>
  </StrictMode>,
);
