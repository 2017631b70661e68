// The short sentence at the lower edge that tells how something went.
import { button, el, fill } from './dom.js';
import { t } from './words.js';

let hiding;

export function say(sentence, kind = 'info') {
  const status = document.getElementById('status');
  clearTimeout(hiding);
  status.dataset.kind = kind;
  fill(status, el('span', {}, sentence), button('close', t('Close'), { onclick: hush, testid: 'status-close' }, false));
  if (kind === 'info') hiding = setTimeout(hush, 6000);
}

function hush() {
  fill(document.getElementById('status'));
}

// trying runs work and says why it failed.
export async function trying(work) {
  try {
    return await work();
  } catch (error) {
    say(`${error.message} (${error.name})`, 'error');
    return undefined;
  }
}
