// The reading pane: one message, its attachments and what can be done with it.
import { box, call } from './api.js';
import { button, el, fill, icon, keep } from './dom.js';
import { openDialog } from './dialog.js';
import { category } from './list.js';
import { ribbon, TaskPane } from './ribbon.js';
import { openDraft, readerPlace } from './stage.js';
import { accountOf, go, mailboxOf, place, state } from './state.js';
import { trying } from './status.js';
import { size, time } from './sizes.js';
import { t } from './words.js';

const reading = el('div', { className: 'reading' }); // beside it a task pane may stand
let article = null; // of the message that is shown; its frame stays while the rest is redrawn
let pane = null;

export function drawReader() {
  const reader = readerPlace();
  const m = state.letter;
  if (!reading.isConnected) reader.prepend(reading);
  if (pane && pane.letter.id !== m?.id) { pane.close(); pane = null; }
  if (!m) {
    article = null;
    fill(reading, el('p', { className: 'empty', testid: 'reader-empty' }, icon('inbox'), t('Choose a message to read it.')));
    return;
  }
  if (article?.dataset.id !== m.id) {
    article = el('article', { className: 'letter', testid: 'reader', 'data-id': m.id }, el('div', { className: 'about' }), bodyFrame(m));
    fill(reading, article);
  }
  article.setAttribute('aria-label', m.subject || t('(no subject)'));
  const { view } = state.settings;
  keep(article.firstElementChild, [
    ['tools', [m.id, m.headers, place, view], () => tools(m)],
    ['head', [m, view], () => head(m)],
    ['files', [m.files, view], () => files(m)],
  ]);
}

function bodyFrame(m) {
  return el('iframe', { className: 'body', testid: 'reader-body', 'data-id': m.id, title: t('Message text'), src: box(place.mailbox, 'messages', m.id, 'body') });
}

function tools(m) {
  const path = box(place.mailbox, 'messages', m.id);
  const answer = (kind) => () => trying(async () => openDraft((await call('POST', `${path}/${kind}`)).id));
  const leave = (work) => () => trying(async () => { await work(); go({}); });
  return el('div', { className: 'tools', role: 'toolbar', 'aria-label': t('Message') },
    button('back', t('Back'), { className: 'narrow-only', testid: 'reader-back', onclick: () => go({}) }, false),
    button('reply', t('Reply'), { testid: 'reply', onclick: answer('reply') }),
    button('reply', t('Reply all'), { testid: 'reply-all', onclick: answer('reply-all') }),
    button('forward', t('Forward'), { testid: 'forward', onclick: answer('forward') }),
    ribbon('read', accountOf(), mailboxOf(), (command) => {
      pane?.close();
      pane = TaskPane.forReader(readerPlace(), command, m, { ...place });
    }),
    button('bin', t('Delete'), { testid: 'delete', onclick: leave(() => call('DELETE', path)) }),
    button('inbox', t('Mark as unread'), { testid: 'mark-unread', onclick: leave(() => call('PATCH', path, { read: false })) }),
    button('file', t('Headers'), { testid: 'headers', onclick: () => headers(m) }));
}

function head(m) {
  const line = (label, list) => list.length > 0 && [el('dt', {}, label), el('dd', {}, list.map(person))];
  return el('header', {},
    el('h2', { testid: 'reader-subject' }, m.subject || t('(no subject)')),
    m.categories.length > 0 && el('p', { className: 'categories' }, m.categories.map(category)),
    el('dl', {},
      el('dt', {}, t('From')), el('dd', { testid: 'reader-from' }, person(m.from)),
      line(t('To'), m.to), line(t('Cc'), m.cc), line(t('Reply to'), m.replyTo),
      el('dt', {}, t('Received')), el('dd', {}, el('time', { dateTime: m.received }, time(m.received, true)))));
}

const person = ({ name, address }) => el('span', { className: 'person' }, name && name !== address ? `${name} <${address}>` : address);

function files(m) {
  const attached = m.files.filter((f) => !f.inline);
  return el('ul', { className: 'files', 'aria-label': t('Attachments') }, attached.map((f) => el('li', {},
    el('a', {
      className: 'file', testid: 'attachment', 'data-name': f.name,
      ...(f.url ? { href: f.url, target: '_blank', rel: 'noreferrer' } : { href: box(place.mailbox, 'messages', m.id, 'attachments', f.id), download: f.name }),
    },
      icon('file'), el('span', {}, f.name), el('small', {}, f.url ? t('Cloud file') : size(f.size))))));
}

function headers(m) {
  const text = m.headers.map((h) => `${h.Name}: ${h.Value}`).join('\n') || t('This message has no headers yet.');
  openDialog(t('Headers'), el('pre', { className: 'headers', testid: 'headers-text', tabIndex: 0 }, text));
}
