// The settings of the simulation: how this Outlook looks to add-ins, and what goes
// wrong behind it.
import { call } from './api.js';
import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { state } from './state.js';
import { trying } from './status.js';
import { t } from './words.js';

const languageName = (tag) => new Intl.DisplayNames([tag], { type: 'language' }).of(tag.split('-')[0]);

export function openSettings() {
  const { view, weather } = state.settings;
  openDialog(t('Settings'),
    el('form', { className: 'settings', testid: 'settings', onsubmit: (event) => event.preventDefault(), onchange: (event) => change(event.target) },
      el('fieldset', {}, el('legend', {}, t('This Outlook')),
        choice('view.language', t('Language'), state.languages.map((l) => [l, languageName(l)]), view.language),
        check('view.dark', t('Dark'), view.dark),
        check('view.phone', t('Phone width'), view.phone, t('Add-ins run when reading only.')),
        choice('view.mailboxSet', t('Newest requirement set'), [...state.mailboxSets].reverse().map((s) => [s, `Mailbox ${s}`]), view.mailboxSet),
        check('view.nestedAuth', t('Nested app authentication'), view.nestedAuth,
          t('Without it the add-in signs in through a window. Your browser must know the certificate of {address} for that: open it once.', { address: `${state.authority}/v2.0/.well-known/openid-configuration` }))),
      el('fieldset', {}, el('legend', {}, t('Behind it')),
        number('weather.draftDelaySeconds', t('Drafts reach the server after (seconds)'), weather.draftDelaySeconds, t('Classic Outlook in cached mode.')),
        number('weather.timeoutsAfterSend', t('Sends that happen and still answer 504'), weather.timeoutsAfterSend),
        number('weather.rejectedTokens', t('Requests whose token is refused'), weather.rejectedTokens),
        number('weather.brokenUploads', t('Uploads that break off'), weather.brokenUploads),
        check('weather.throttled', t('Throttled: 429 for every mailbox'), weather.throttled),
        check('weather.unavailable', t('Outage: 503 for everything'), weather.unavailable))));
}

function labelled(name, label, input, hint) {
  const id = `setting-${name.replace('.', '-')}`;
  Object.assign(input, { id, name });
  input.dataset.testid = id;
  const words = el('label', { for: id }, label, hint && el('small', {}, hint));
  return el('div', { className: 'setting' }, input.type === 'checkbox' ? [input, words] : [words, input]);
}

const check = (name, label, checked, hint) => labelled(name, label, el('input', { type: 'checkbox', checked }), hint);
const number = (name, label, value, hint) => labelled(name, label, el('input', { type: 'number', min: 0, max: 3600, value }), hint);
const choice = (name, label, options, value) => labelled(name, label, el('select', {}, options.map(([v, words]) => el('option', { value: v, selected: v === value }, words))));

function change(input) {
  if (!input.checkValidity()) return;
  const [part, name] = input.name.split('.');
  const value = input.type === 'checkbox' ? input.checked : input.type === 'number' ? Number(input.value) : input.value;
  trying(() => call('PUT', '/sim/settings', { [part]: { [name]: value } }));
}
