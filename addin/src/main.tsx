import { createDOMRenderer, RendererProvider } from "@fluentui/react-components";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Api } from "./api/client";
import { signIn } from "./auth/signIn";
import { readConfig, styleNonce } from "./config";
import { App } from "./shell/App";
import type { Services } from "./shell/boot";

await Office.onReady();
const config = readConfig(document);
const nonce = styleNonce(document);
const renderer = createDOMRenderer(document, nonce ? { styleElementAttributes: { nonce } } : {});
const services: Services = {
  signIn: () => signIn(config),
  api: (token, language) => new Api({ origin: config.api, token, language }),
};
createRoot(document.getElementById("pane")!).render(
  <StrictMode>
    <RendererProvider renderer={renderer}>
      <App services={services} />
    </RendererProvider>
  </StrictMode>,
);
