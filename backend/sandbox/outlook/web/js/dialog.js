// A dialog with a title and a close button.
import { button, el } from './dom.js';
import { t } from './words.js';

export function openDialog(title, ...content) {
  const dialog = el('dialog', { 'aria-label': title, onclose: () => dialog.remove(), onclick: (event) => { if (event.target === dialog) dialog.close(); } });
  dialog.append(el('div', { className: 'dialog' },
    el('div', { className: 'dialog-head' }, el('h2', {}, title), button('close', t('Close'), { testid: 'dialog-close', onclick: () => dialog.close() }, false)),
    ...content));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
