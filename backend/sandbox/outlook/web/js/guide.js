// The short guide of the first visit.
import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { fillSample } from './sample.js';
import { compose } from './stage.js';
import { accountOf, place, state } from './state.js';
import { trying } from './status.js';
import { t } from './words.js';

const seen = 'guide-seen';

export function guideOnFirstVisit() {
  if (localStorage.getItem(seen) || new URLSearchParams(location.search).get('guide') === 'off') return;
  openGuide();
}

function sample(guide) {
  guide.close();
  trying(() => fillSample(compose()));
}

export function openGuide() {
  const steps = [
    ['Write', 'As the caseworker, write a message to the citizen and attach a file. The sample does it for you.'],
    ['Press Send Digitally', 'The button above the message opens the add-in. Choose where the reply goes and send. Note the access code.'],
    ['Become the citizen', 'Open the citizen’s mailbox on the left, then the message, and follow the link. Type the code.'],
    ['Reply', 'Answer on the page that opens, with a file if you like.'],
    ['Find the reply', 'It waits in the function mailbox that you chose.'],
  ];
  const writing = accountOf()?.kind === 'user';
  const dialog = openDialog(t('Try it in five steps'),
    el('p', {}, t('This is a simulated Outlook. Everything stays on this machine, and no mail leaves it.')),
    el('ol', { className: 'steps', testid: 'guide' }, steps.map(([title, text]) => el('li', {}, el('strong', {}, t(title)), el('span', {}, t(text))))),
    el('div', { className: 'choices' },
      writing && el('button', { type: 'button', className: 'primary', testid: 'guide-sample', onclick: () => sample(dialog) }, t('Start with a sample')),
      el('button', { type: 'button', testid: 'guide-close', onclick: () => dialog.close() }, t('Look around first')),
      state.staff && place.account && el('a', { href: state.staff, target: '_blank', rel: 'noreferrer' }, t('Send without Outlook')),
      state.portal && place.account && el('a', { href: state.portal, target: '_blank', rel: 'noreferrer' }, t('Open the portal'))));
  dialog.addEventListener('close', () => localStorage.setItem(seen, 'yes'));
}
