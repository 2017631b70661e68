// The add-in's buttons, as its manifest orders them, and the frame that a button opens.
import { button, el } from './dom.js';
import { Host } from './host.js';
import { drawWidth } from './stage.js';
import { state } from './state.js';
import { t } from './words.js';

// ribbon answers the buttons for a surface. Add-ins run for signed-in members of the
// organisation; on phones when reading only; in shared mailboxes if the manifest says so.
export function ribbon(surface, account, mailbox, press) {
  if (!state.addin || account?.kind !== 'user' || (mailbox?.kind === 'shared' && !state.addin.shared)) return [];
  const place = !state.settings.view.phone ? surface : surface === 'read' ? 'phone' : 'none';
  return state.addin.buttons.filter((b) => b.surface === place).map((command) => el('button', {
    type: 'button', className: 'addin', testid: `addin-${command.id}`, 'data-surface': surface,
    'data-key': `addin-${command.id}`, title: command.tip || undefined, onclick: () => press(command),
  }, el('img', { src: command.icon, alt: '', width: 20, height: 20 }), el('span', {}, command.label)));
}

// TaskPane is the frame beside the item with the add-in's page in it.
export class TaskPane {
  static forCompose(compose, command, where) {
    return new TaskPane(compose.element, command, where, { compose }, () => { compose.pane = null; });
  }

  static forReader(reader, command, letter, where) {
    return new TaskPane(reader, command, where, { letter }, () => {});
  }

  constructor(beside, command, where, item, closed) {
    Object.assign(this, { command, closed, letter: item.letter });
    const { name } = state.addin;
    this.frame = el('iframe', { testid: 'pane-frame', title: name, src: command.pane, allow: 'clipboard-write', name: 'pane' });
    this.element = el('aside', { className: 'pane', testid: 'pane', 'aria-label': name },
      el('header', {}, el('h2', {}, name), button('close', t('Close'), { testid: 'pane-close', onclick: () => this.close() }, false)), this.frame);
    this.host = new Host(this, where, item);
    beside.append(this.element);
    drawWidth();
  }

  focus() { this.frame.focus(); }

  close() {
    this.host.end();
    this.element.remove();
    this.closed();
    drawWidth();
  }
}
