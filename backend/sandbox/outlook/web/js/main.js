// The page: follows the address, loads what it names and keeps it fresh.
import { box, call, follow } from './api.js';
import { drawBar } from './bar.js';
import { themeChanged } from './host.js';
import { guideOnFirstVisit } from './guide.js';
import { drawList } from './list.js';
import { drawReader } from './reader.js';
import { drawFolders } from './sidebar.js';
import { drawStage, windows } from './stage.js';
import { place, readPlace, refreshState, state } from './state.js';
import { trying } from './status.js';

let loaded = 0;

// load fetches the place's folders, rows and letter; an answer that comes after the
// next request is dropped.
async function load() {
  const turn = ++loaded;
  const { mailbox, folder, message } = place;
  const [folders, rows, letter] = await Promise.all([
    call('GET', box(mailbox, 'folders')),
    call('GET', box(mailbox, 'folders', folder, 'messages')),
    message ? call('GET', box(mailbox, 'messages', message)).catch(() => null) : null,
  ]);
  if (turn !== loaded) return;
  Object.assign(state, { folders, rows, letter });
  drawFolders();
  drawList();
  drawReader();
  if (letter && !letter.read && !letter.draft) await call('PATCH', box(mailbox, 'messages', message), { read: true }).catch(() => null);
}

async function moved() {
  readPlace();
  document.getElementById('app').dataset.view = place.message ? 'stage' : 'list';
  windows.show(null);
  await trying(load);
}

async function changed(names) {
  const dark = state.settings.view.dark, language = state.settings.view.language;
  await refreshState();
  if (state.settings.view.dark !== dark) themeChanged();
  if (state.settings.view.language !== language) drawBar();
  if (!names || names.includes('settings')) drawStage();
  drawFolders();
  if (!names || names.includes(place.mailbox)) await load();
}

async function start() {
  await refreshState();
  readPlace();
  drawBar();
  drawStage();
  window.addEventListener('hashchange', moved);
  follow((names) => trying(() => changed(names)));
  await moved();
  document.body.dataset.ready = 'true';
  guideOnFirstVisit();
}

trying(start);
