// Smart Alerts: what happens between Send and the mail's leaving, as Microsoft Learn
// describes it ("Handle OnMessageSend and OnAppointmentSend events with Smart Alerts").
// The send mode of the manifest is Block: without an answer nothing is sent.
import { button, el } from './dom.js';
import { openDialog } from './dialog.js';
import { Host } from './host.js';
import { place, state } from './state.js';
import { t } from './words.js';

const patience = 5000;
let calls = 0;

// mayLeave asks the add-in, and the person if the add-in objects.
export async function mayLeave(compose) {
  const { sendEvent } = state.addin ?? {};
  if (!sendEvent || compose.account.kind !== 'user' || state.settings.view.phone || !atLeast('1.12')) return true;
  const verdict = await asked(compose, sendEvent);
  return verdict.allowEvent || alerted(compose, verdict);
}

function atLeast(version) {
  const [a, b] = [state.settings.view.mailboxSet, version].map((v) => Number(v.split('.')[1]));
  return a >= b;
}

// asked runs the add-in's page out of sight and answers what it completed with.
function asked(compose, { page, function: name }) {
  return new Promise((resolve) => {
    const call = ++calls;
    const frame = el('iframe', { src: page, hidden: true, title: '', testid: 'event-frame' });
    const host = new Host({ frame, close() {} }, { ...place, account: compose.account.address, mailbox: compose.mailbox }, { compose });
    const end = (verdict) => {
      clearTimeout(timer);
      host.end();
      frame.remove();
      resolve(verdict);
    };
    host.methods.completed = (answered, options = {}) => { if (answered === call) end({ allowEvent: true, ...options }); };
    const timer = setTimeout(() => end({ allowEvent: false, errorMessage: t('The add-in does not answer. The message was not sent.') }), patience);
    frame.addEventListener('load', () => host.tell('action', { name, call }));
    compose.element.append(frame);
  });
}

// alerted shows the add-in's reason. It may offer a way out of its own, and where the
// mode allows it the person may send all the same.
function alerted(compose, verdict) {
  return new Promise((resolve) => {
    let leaves = false;
    const command = state.addin.buttons.find((b) => b.id === verdict.commandId);
    const close = (act) => () => { act(); dialog.close(); };
    const anyway = verdict.sendModeOverride === 'promptUser' && atLeast('1.14');
    const dialog = openDialog(state.addin.name,
      el('p', { testid: 'alert-text' }, verdict.errorMessage ?? ''),
      el('div', { className: 'tools' },
        command && button('send', verdict.cancelLabel ?? command.label, { testid: 'alert-open', onclick: close(() => compose.openPane(command)) }),
        anyway && button('send', t('Send anyway'), { testid: 'alert-anyway', onclick: close(() => { leaves = true; }) }),
        button('close', t('Don’t send'), { testid: 'alert-stop', onclick: close(() => {}) })));
    dialog.dataset.testid = 'alert';
    dialog.addEventListener('close', () => resolve(leaves));
  });
}
