// The simulation's own endpoints.

// Refusal is an answer other than success: code and message are those of Graph.
export class Refusal extends Error {
  constructor(status, { code = 'UnknownError', message } = {}) {
    super(message || `The mail server answered ${status}.`);
    this.name = code;
    this.status = status;
  }
}

export async function call(method, path, body, contentType = 'application/json') {
  const init = { method };
  if (body !== undefined) {
    init.headers = { 'Content-Type': contentType };
    init.body = contentType === 'application/json' ? JSON.stringify(body) : body;
  }
  const response = await fetch(path, init);
  const answer = response.status === 204 ? undefined : await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

export const box = (mailbox, ...path) => ['/sim/mailboxes', mailbox, ...path].map((p, i) => (i ? encodeURIComponent(p) : p)).join('/');

// follow calls heard with the names of what has changed, and once more after every
// interruption with nothing, since anything may have changed.
export function follow(heard) {
  const source = new EventSource('/sim/events');
  let interrupted = false;
  source.addEventListener('change', (event) => heard(JSON.parse(event.data)));
  source.addEventListener('error', () => { interrupted = true; });
  source.addEventListener('open', () => { if (interrupted) heard(null); interrupted = false; });
}
