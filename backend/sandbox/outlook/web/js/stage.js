// The right column: the reading pane, the compose windows, and the tabs by which one
// comes back to them.
import { box, call } from './api.js';
import { Compose } from './compose.js';
import { button, el, fill } from './dom.js';
import { accountOf, place } from './state.js';
import { t } from './words.js';

const reader = el('div', { className: 'reader', id: 'reader' });
const tabs = el('div', { className: 'tabs', role: 'group' });
const open = [];
let shown = null;

export const readerPlace = () => reader;

export function drawStage() {
  const stage = document.getElementById('stage');
  stage.setAttribute('aria-label', t('Message'));
  if (!reader.isConnected) fill(stage, reader, tabs);
  open.forEach((w) => w.refresh());
  drawTabs();
}

// windows are the open compose windows; show(null) brings the reading pane back.
export const windows = {
  add(w) {
    open.push(w);
    tabs.before(w.element);
    this.show(w);
  },
  show(w) {
    shown = w;
    reader.hidden = Boolean(w);
    open.forEach((other) => { other.element.hidden = other !== w; });
    const app = document.getElementById('app');
    app.classList.toggle('composing', Boolean(w));
    if (w) app.dataset.view = 'stage';
    else if (!place.message && app.dataset.view === 'stage') app.dataset.view = 'list';
    drawTabs();
    drawWidth();
  },
  close(w) {
    open.splice(open.indexOf(w), 1);
    w.element.remove();
    this.show(shown === w ? null : shown);
  },
  retitle: drawTabs,
};

// drawWidth gives the stage the list's room while a task pane is open beside it.
export function drawWidth() {
  document.getElementById('app').classList.toggle('pane-open', Boolean((shown?.element ?? reader).querySelector('.pane')));
}

function drawTabs() {
  tabs.hidden = open.length === 0;
  tabs.setAttribute('aria-label', t('Open windows'));
  fill(tabs,
    button('inbox', t('Reading pane'), { 'aria-pressed': String(!shown), testid: 'tab-reader', 'data-key': 'tab-reader', onclick: () => windows.show(null) }),
    open.map((w, i) => button('draft', w.title, { 'aria-pressed': String(w === shown), testid: 'tab-compose', 'data-key': `tab-${i}`, onclick: () => windows.show(w) })));
}

// compose opens an empty window in the open mailbox.
export function compose() {
  const w = new Compose(accountOf(), place.mailbox, null);
  windows.add(w);
  return w;
}

// openDraft opens a saved draft, in the window that has it already if there is one.
export async function openDraft(id) {
  const letter = await call('GET', box(place.mailbox, 'messages', id));
  const there = open.find((w) => w.letter?.id === letter.id);
  if (there) windows.show(there);
  else windows.add(new Compose(accountOf(), place.mailbox, letter));
}
