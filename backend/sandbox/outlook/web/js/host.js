// Outlook's side of the conversation with a task pane. The pane's frame must be the
// sender and the add-in's origin its address; anything else is not answered.
import { AddinWindow } from './addinwindow.js';
import { box, call } from './api.js';
import { answerBridge } from './broker.js';
import { composeMethods } from './hostcompose.js';
import { readMethods } from './hostread.js';
import { accountOf, state, theme } from './state.js';

const hosts = new Set();

export const ewsId = (restId) => restId.replaceAll('-', '/').replaceAll('_', '+');

export function fault(name, message) {
  return Object.assign(new Error(message), { name });
}

// themeChanged tells every open pane.
export function themeChanged() {
  hosts.forEach((host) => host.tell('officeThemeChanged', { officeTheme: theme() }));
}

// compositionChanged tells the pane of a compose window.
export function compositionChanged(compose, event, details) {
  hosts.forEach((host) => { if (host.compose === compose) host.tell(event, details); });
}

export class Host {
  constructor(pane, where, { compose, letter }) {
    Object.assign(this, { pane, where, compose, letter });
    this.window = new AddinWindow(this);
    this.methods = { ...this.common(), ...(compose ? composeMethods(compose) : readMethods(letter, where)) };
    this.listener = (event) => this.heard(event);
    window.addEventListener('message', this.listener);
    hosts.add(this);
  }

  end() {
    window.removeEventListener('message', this.listener);
    this.window.close();
    hosts.delete(this);
  }

  async heard(event) {
    if (event.source !== this.pane.frame.contentWindow || event.origin !== state.addinOrigin || !event.data?.office) return;
    const { id, method, args = [] } = event.data;
    const answer = { office: 1, id };
    try {
      if (!Object.hasOwn(this.methods, method)) throw fault('GenericResponseError', `This Outlook has no ${method}.`);
      answer.value = await this.methods[method](...args);
    } catch (error) {
      answer.error = { name: error.name, message: error.message };
    }
    this.post(answer);
  }

  tell(event, value) { this.post({ office: 1, event, value }); }

  post(message) { this.pane.frame.contentWindow?.postMessage(message, state.addinOrigin); }

  get shared() { return this.where.mailbox !== this.where.account; }

  common() {
    return {
      hello: () => this.hello(),
      bridge: async (text) => { this.tell('bridge', await answerBridge(text, this.where.account)); },
      'dialog.open': (url, size) => this.window.open(url, size),
      'dialog.close': () => this.window.close(),
      closeContainer: () => { this.pane.close(); },
      openBrowserWindow: (url) => { if (/^https?:/i.test(url)) window.open(url, '_blank', 'noopener'); },
      shared: () => this.sharedProperties(),
      'roaming.save': async (values) => {
        await call('PUT', '/sim/roaming', { user: this.where.account, values });
        accountOf(this.where.account).roaming = values;
      },
    };
  }

  hello() {
    const account = accountOf(this.where.account), { view } = state.settings;
    return {
      language: view.language,
      theme: theme(),
      narrow: window.innerWidth < 900 || view.phone,
      supported: { Mailbox: view.mailboxSet, ...(view.nestedAuth && { NestedAppAuth: '1.1' }) },
      userProfile: { displayName: account.name, emailAddress: account.address, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, accountType: 'office365' },
      roaming: { ...account.roaming },
      item: this.item(),
    };
  }

  item() {
    const letter = this.compose ? this.compose.letter : this.letter;
    const common = { mode: this.compose ? 'compose' : 'read', shared: this.shared, conversationId: letter?.conversationId ?? null };
    return this.compose ? common : { ...common, id: ewsId(letter.restId), message: letter };
  }

  // sharedProperties says whose mailbox the item is in; every permission is given.
  sharedProperties() {
    if (!this.shared) throw fault('GenericResponseError', 'The item is in the own mailbox.');
    return { owner: this.where.mailbox, targetMailbox: this.where.mailbox, targetRestUrl: new URL(box(this.where.mailbox), location).href, delegatePermissions: 63 };
  }
}
