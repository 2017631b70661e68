// The bridge of nested app authentication, as @azure/msal-browser expects it on the
// window (lib/msal-browser/src/naa/AuthBridge.ts): JSON text out, JSON text in.
const bridgeListeners = new Set();

listen('bridge', (text) => bridgeListeners.forEach((tell) => tell(text)));

function installBridge() {
  window.nestedAppAuthBridge = {
    addEventListener: (name, listener) => { if (name === 'message') bridgeListeners.add(listener); },
    removeEventListener: (name, listener) => { bridgeListeners.delete(listener); },
    postMessage: (text) => { ask('bridge', text); },
  };
}
