// What the page knows and where it is. The place is kept in the address:
// #/account/mailbox/folder/message.
import { call } from './api.js';

export const state = {
  accounts: [], settings: { view: {}, weather: {} }, addin: null, addinOrigin: '', portal: '',
  folders: [], rows: [], letter: null,
};

export const place = { account: '', mailbox: '', folder: 'inbox', message: '' };

export async function refreshState() {
  Object.assign(state, await call('GET', '/sim/state'));
  document.documentElement.dataset.theme = state.settings.view.dark ? 'dark' : 'light';
  document.documentElement.lang = state.settings.view.language;
  document.body.classList.toggle('phone', state.settings.view.phone);
}

// readPlace follows the address; what it leaves out, or names wrongly, is the first there is.
export function readPlace() {
  const [account, mailbox, folder, message] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  const found = state.accounts.find((a) => a.address === account)
    ?? state.accounts.find((a) => a.mailboxes.some((m) => m.address === account)) ?? state.accounts[0];
  const box = found?.mailboxes.find((m) => m.address === (mailbox || account)) ?? found?.mailboxes[0];
  Object.assign(place, { account: found?.address ?? '', mailbox: box?.address ?? '', folder: folder || 'inbox', message: message ?? '' });
}

export function address(target) {
  const { account, mailbox, folder, message } = { ...place, message: '', ...target };
  return '#/' + [account, mailbox, folder, message].filter(Boolean).map(encodeURIComponent).join('/');
}

export const go = (target) => { location.hash = address(target); };

export const accountOf = (address = place.account) => state.accounts.find((a) => a.address === address);
export const mailboxOf = (address = place.mailbox) => accountOf()?.mailboxes.find((m) => m.address === address);

// theme is Outlook's colours as an add-in sees them.
export function theme() {
  const [back, fore] = state.settings.view.dark ? ['#1d2327', '#f1f4f5'] : ['#ffffff', '#1b2327'];
  return { bodyBackgroundColor: back, bodyForegroundColor: fore, controlBackgroundColor: back, controlForegroundColor: fore, isDarkTheme: Boolean(state.settings.view.dark) };
}
