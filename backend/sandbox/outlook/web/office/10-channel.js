// The conversation with the Outlook window around this frame. The window is the one
// whose origin served this script; nothing else is listened or spoken to.
const hostOrigin = new URL(document.currentScript.src).origin;
const framed = window.parent !== window;
const waiting = new Map();
const listeners = new Map();
let lastRequest = 0;

window.addEventListener('message', (event) => {
  if (event.source !== window.parent || event.origin !== hostOrigin || !event.data?.office) return;
  const { id, value, error, event: name } = event.data;
  if (name) {
    (listeners.get(name) ?? []).forEach((listen) => listen(value));
    return;
  }
  const request = waiting.get(id);
  waiting.delete(id);
  if (error) request?.reject(error);
  else request?.resolve(value);
});

function ask(method, ...args) {
  if (!framed) return Promise.reject(failure('InternalError', 'There is no Outlook around this page.'));
  return new Promise((resolve, reject) => {
    const id = ++lastRequest;
    waiting.set(id, { resolve, reject });
    window.parent.postMessage({ office: 1, id, method, args }, hostOrigin);
  });
}

function listen(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

function unlisten(name) {
  listeners.delete(name);
}
