// The bar on top: menu on narrow windows, guide and settings.
import { button, el, fill } from './dom.js';
import { openGuide } from './guide.js';
import { openSettings } from './settings.js';
import { t } from './words.js';

export function drawBar() {
  const app = document.getElementById('app');
  fill(document.getElementById('bar'),
    button('menu', t('Mailboxes and folders'), { className: 'narrow-only', testid: 'menu', onclick: () => { app.dataset.view = app.dataset.view === 'nav' ? 'list' : 'nav'; } }, false),
    el('h1', {}, t('Mail'), el('span', { className: 'tag' }, t('simulated Outlook'))),
    el('span', { className: 'space' }),
    button('help', t('Guide'), { testid: 'guide-open', onclick: openGuide }),
    button('gear', t('Settings'), { testid: 'settings-open', onclick: openSettings }));
}
