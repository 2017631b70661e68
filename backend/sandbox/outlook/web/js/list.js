// The middle column: the messages of the open folder.
import { button, el, icon, keep } from './dom.js';
import { folderName } from './sidebar.js';
import { compose, openDraft } from './stage.js';
import { address, place, state } from './state.js';
import { time } from './sizes.js';
import { t } from './words.js';

export function drawList() {
  const list = document.getElementById('list');
  const folder = state.folders.find((f) => f.wellKnown === place.folder || f.id === place.folder);
  list.setAttribute('aria-label', t('Messages'));
  const { language } = state.settings.view;
  keep(list, [
    ['head', [folder?.name, language], () => head(folder)],
    state.rows.length === 0
      ? ['empty', language, () => el('p', { className: 'empty', testid: 'list-empty' }, t('Nothing here yet.'))]
      : ['rows', 0, () => el('ul', { className: 'rows', onkeydown: arrows })],
  ]);
  const rows = list.querySelector('.rows');
  if (rows) keep(rows, state.rows.map((m) => [m.id, [m, m.id === place.message, place.mailbox, place.folder, language], () => row(m)]));
}

function head(folder) {
  return el('div', { className: 'list-head' },
    el('h2', {}, folderName(folder)),
    button('draft', t('New message'), { className: 'primary', testid: 'new-message', 'data-key': 'new', onclick: () => compose() }));
}

function row(m) {
  const who = m.draft || place.folder === 'sentitems' ? m.to.map((a) => a.name || a.address).join(', ') || t('(no recipient)') : m.from.name || m.from.address;
  const open = m.id === place.message;
  return el('li', {},
    el('a', {
      href: address({ message: m.id }), className: `row${m.read ? '' : ' unread'}`, testid: 'message-row', 'data-key': m.id, 'data-id': m.id,
      'data-subject': m.subject, ...(open && { 'aria-current': 'true' }), onclick: (event) => { if (m.draft) { event.preventDefault(); openDraft(m.id); } },
    },
    el('span', { className: 'row-who' }, !m.read && el('span', { className: 'sr' }, t('Unread') + ' '), m.draft && el('em', {}, t('Draft') + ' '), who),
    el('time', { dateTime: m.received }, time(m.received)),
    el('span', { className: 'row-subject' }, m.attachments && mark(), m.subject || t('(no subject)')),
    el('span', { className: 'row-preview' }, m.preview),
    m.categories.length > 0 && el('span', { className: 'row-categories' }, m.categories.map(category))));
}

const mark = () => el('span', { className: 'clip' }, icon('attach'), el('span', { className: 'sr' }, t('with attachment')));

// category is a coloured label; the colour follows from the name.
export function category(name) {
  const hue = [...name].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);
  const label = el('span', { className: 'category', testid: 'category' }, name);
  label.style.setProperty('--hue', hue);
  return label;
}

function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const rows = [...event.currentTarget.querySelectorAll('.row')];
  rows[rows.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
}
