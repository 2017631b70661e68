// A window that an add-in asks for. As Outlook on the web does, the person is asked
// first, and what she presses lets the browser open it (Microsoft Learn, "Use the
// Office dialog API in Office Add-ins"). The numbers are those of "Handle errors and
// events in the Office dialog box".
import { button, el } from './dom.js';
import { openDialog } from './dialog.js';
import { state } from './state.js';
import { t } from './words.js';

const closedByPerson = 12006;
const look = 300; // ms between two looks whether the window is still there

export class AddinWindow {
  constructor(host) {
    this.host = host;
    this.listener = (event) => this.heard(event);
  }

  async open(url, { width, height }) {
    if (this.window) throw refusal('DialogOpenedAlready', 'A window of this add-in is open.');
    this.window = await wanted(url, `popup,width=${share(width, screen.availWidth)},height=${share(height, screen.availHeight)}`);
    window.addEventListener('message', this.listener);
    this.timer = setInterval(() => { if (this.window.closed) this.gone(); }, look);
  }

  heard({ source, origin, data }) {
    if (source !== this.window || origin !== state.addinOrigin || !data?.office || typeof data.told !== 'string') return;
    if ([origin, '*'].includes(data.targetOrigin)) this.host.tell('dialogMessageReceived', { message: data.told, origin });
  }

  gone() {
    this.close();
    this.host.tell('dialogEventReceived', { error: closedByPerson });
  }

  close() {
    clearInterval(this.timer);
    window.removeEventListener('message', this.listener);
    this.window?.close();
    this.window = undefined;
  }
}

const share = (percent, whole) => Math.round((Math.min(Math.max(percent, 1), 99) / 100) * whole);

const refusal = (name, message) => Object.assign(new Error(message), { name });

function wanted(url, features) {
  return new Promise((resolve, reject) => {
    let opened = null;
    const prompt = openDialog(state.addin.name,
      el('p', {}, t('{name} wants to open a window.', { name: state.addin.name })),
      el('div', { className: 'tools' },
        button('send', t('Allow'), { testid: 'window-allow', onclick: () => { opened = window.open(url, '_blank', features); prompt.close(); } }),
        button('close', t('Ignore'), { testid: 'window-ignore', onclick: () => prompt.close() })));
    prompt.addEventListener('close', () => (opened ? resolve(opened) : reject(refusal('DialogUnwanted', 'The person did not want the window.'))));
  });
}
