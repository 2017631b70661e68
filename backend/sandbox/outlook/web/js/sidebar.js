// The left column: people, their mailboxes, and the folders of the open one.
import { el, icon, keep } from './dom.js';
import { address, place, state } from './state.js';
import { t } from './words.js';

const shapes = { inbox: 'inbox', drafts: 'draft', sentitems: 'send', deleteditems: 'bin' };
const names = { inbox: 'Inbox', drafts: 'Drafts', sentitems: 'Sent', deleteditems: 'Deleted' };

export function drawFolders() {
  const nav = document.getElementById('folders');
  nav.setAttribute('aria-label', t('Mailboxes and folders'));
  const people = state.accounts.filter((a) => a.kind !== 'shared');
  const hidden = state.accounts.filter((a) => a.kind === 'shared');
  const { language } = state.settings.view;
  const open = (accounts) => accounts.some((a) => a.address === place.account) && [place, state.folders];
  const part = (key, title, accounts) => [key, [title, accounts, language, open(accounts)], () => group(title, accounts.flatMap(entries))];
  keep(nav, [
    ...people.map((a) => part(a.address, t(a.kind === 'user' ? '{name}, signed in' : '{name}, outside', { name: a.name }), [a])),
    hidden.length > 0 && part('hidden', t('Behind the scenes'), hidden),
  ]);
}

// folderName is a folder's name in the display language, unless a person named it.
export const folderName = (folder) => (names[folder?.wellKnown] ? t(names[folder.wellKnown]) : folder?.name ?? '');

function group(title, items) {
  return el('div', { className: 'group' }, el('h2', {}, title), el('ul', {}, items));
}

const entries = (account) => account.mailboxes.map((mailbox) => entry(account, mailbox));

function entry(account, mailbox) {
  const open = account.address === place.account && mailbox.address === place.mailbox;
  return el('li', {},
    el('a', {
      href: address({ account: account.address, mailbox: mailbox.address, folder: 'inbox' }), className: 'mailbox',
      testid: `mailbox-${mailbox.address}`, 'data-key': `m-${mailbox.address}`, ...(open && { 'aria-current': 'true' }), title: mailbox.address,
    }, el('span', { className: 'initial', 'aria-hidden': 'true' }, mailbox.name.slice(0, 1)),
    el('span', { className: 'who' }, mailbox.name, el('small', {}, mailbox.address)), count(mailbox.unread)),
    open && el('ul', { className: 'folders' }, state.folders.map(folderEntry)));
}

function folderEntry(folder) {
  const key = folder.wellKnown || folder.id;
  const open = place.folder === key || place.folder === folder.id;
  const link = el('a', {
    href: address({ folder: key }), testid: `folder-${folder.wellKnown || folder.name}`, 'data-key': `f-${key}`, ...(open && { 'aria-current': 'page' }),
  }, icon(shapes[folder.wellKnown] ?? 'folder'), el('span', {}, folderName(folder)), count(folder.wellKnown === 'drafts' ? folder.total : folder.unread));
  link.style.setProperty('--depth', folder.depth);
  return el('li', {}, link);
}

const count = (n) => n > 0 && el('span', { className: 'count' }, String(n));
