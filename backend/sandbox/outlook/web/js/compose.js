// A compose window. It holds what is typed; saving brings it to the mail store, as
// Outlook does, and only then can anyone else see it.
import { formatAddresses, looksRight, parseAddresses } from './addresses.js';
import { mayLeave } from './alerts.js';
import { Attachments } from './attachments.js';
import { box, call } from './api.js';
import { button, el, fill, keep } from './dom.js';
import { Editor } from './editor.js';
import { compositionChanged } from './host.js';
import { ribbon, TaskPane } from './ribbon.js';
import { fillSample } from './sample.js';
import { windows } from './stage.js';
import { place, state } from './state.js';
import { say, trying } from './status.js';
import { t } from './words.js';

let numbered = 0;

export class Compose {
  // letter is the saved draft to go on with, or null for a new message.
  constructor(account, mailbox, letter) {
    Object.assign(this, { account, mailbox, letter, dirty: !letter, number: ++numbered, pane: null });
    this.custom = JSON.parse(letter?.customProperties || '{}');
    this.headers = Object.fromEntries((letter?.headers ?? []).map((h) => [h.Name, h.Value]));
    this.session = new Map();
    this.notices = new Map();
    this.saving = Promise.resolve();
    this.attachments = new Attachments(this);
    this.editor = new Editor({
      pictures: (contentId) => this.pictureAt(contentId),
      insert: (file) => trying(() => this.attachments.picture(file, file.name)),
      changed: () => this.touched(),
    });
    this.element = el('section', { className: 'compose', testid: 'compose' });
    this.build();
    this.load();
  }

  get title() { return this.field('subject').value || t('New message'); }
  get id() { return this.letter?.restId; }
  field(name) { return this.element.querySelector(`[name=${name}]`); }
  recipients(name) { return parseAddresses(this.field(name).value); }

  build() {
    this.commands = el('div', { className: 'tools', role: 'toolbar' });
    this.noticeList = el('ul', { className: 'notices', testid: 'notices' });
    const line = (name) => this.line({ to: 'To', cc: 'Cc', bcc: 'Bcc' }[name], el('input', {
      name, autocomplete: 'off', spellcheck: false, testid: `compose-${name}`,
      placeholder: name === 'to' ? t('Separate addresses with ;') : '', oninput: () => this.addressed(name),
    }));
    fill(this.element, el('div', { className: 'writing' }, this.commands, this.noticeList,
      el('div', { className: 'fields' }, this.fromLine(), line('to'), line('cc'), line('bcc'),
        this.line('Subject', el('input', { name: 'subject', testid: 'compose-subject', oninput: () => { this.touched(); windows.retitle(); } }))),
      this.attachments.element, this.editor.toolbar, this.editor.field));
    this.attachments.acceptDrops(this.element);
    this.element.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 's') { event.preventDefault(); this.savePressed(); }
    });
    this.drawCommands();
  }

  line(word, input) {
    input.id = `${input.name}-${this.number}`;
    return el('div', { className: 'line' }, el('label', { for: input.id, 'data-word': word }, t(word)), input);
  }

  fromLine() {
    const senders = this.account.mailboxes;
    const select = el('select', { name: 'from', testid: 'compose-from', onchange: () => this.touched() },
      senders.map((m) => el('option', { value: m.address, selected: m.address === this.mailbox }, `${m.name} <${m.address}>`)));
    return this.line('From', select);
  }

  drawCommands() {
    const { view } = state.settings;
    const part = (key, build) => [key, view.language, build];
    keep(this.commands, [
      part('back', () => button('back', t('Back'), { className: 'narrow-only', testid: 'compose-back', onclick: () => windows.show(null) }, false)),
      part('send', () => button('send', t('Send'), { testid: 'compose-send', 'data-key': 'send', onclick: () => trying(() => this.send()) })),
      ['addin', [state.addin, view], () => el('span', { className: 'addins' }, this.ribbon())],
      part('attach', () => this.attachments.picker),
      part('save', () => button('save', t('Save draft'), { testid: 'compose-save', 'data-key': 'save', onclick: () => this.savePressed() })),
      this.account.kind === 'user' && part('sample', () => button('draft', t('Fill in a sample'),
        { testid: 'compose-sample', 'data-key': 'sample', onclick: () => trying(() => fillSample(this)) })),
      part('discard', () => button('bin', t('Discard'), { testid: 'compose-discard', 'data-key': 'discard', onclick: () => trying(() => this.discard()) })),
    ]);
  }

  ribbon() {
    const mailbox = this.account.mailboxes.find((m) => m.address === this.mailbox);
    return ribbon('compose', this.account, mailbox, (command) => this.openPane(command));
  }

  load() {
    const m = this.letter;
    if (!m) return;
    ['to', 'cc', 'bcc'].forEach((name) => { this.field(name).value = formatAddresses(m[name]); });
    this.field('from').value = m.from.address;
    this.field('subject').value = m.subject;
    this.attachments.list = m.files;
    if (m.html) this.editor.html = m.body;
    else this.editor.field.innerText = m.body;
  }

  refresh() {
    this.drawCommands();
    this.attachments.draw();
    this.editor.relabel();
    this.element.querySelectorAll('[data-word]').forEach((label) => { label.textContent = t(label.dataset.word); });
  }

  touched() { this.dirty = true; }

  addressed(name) {
    this.touched();
    this.field(name).removeAttribute('aria-invalid');
    compositionChanged(this, 'olkRecipientsChanged', { changedRecipientFields: { to: name === 'to', cc: name === 'cc', bcc: name === 'bcc' } });
  }

  pictureAt(contentId) {
    const file = this.attachments.list.find((f) => f.contentId === contentId);
    return file && this.id && box(this.mailbox, 'messages', this.id, 'attachments', file.id);
  }

  draft() {
    const from = this.account.mailboxes.find((m) => m.address === this.field('from').value);
    return {
      from: { name: from.name, address: from.address },
      to: this.recipients('to'), cc: this.recipients('cc'), bcc: this.recipients('bcc'),
      subject: this.field('subject').value, body: this.editor.html, html: true,
      headers: Object.entries(this.headers).map(([Name, Value]) => ({ Name, Value })),
      customProperties: Object.keys(this.custom).length ? JSON.stringify(this.custom) : '',
    };
  }

  // changing runs one change of the saved draft after the other.
  changing(work) {
    const done = this.saving.then(work);
    this.saving = done.catch(() => {});
    return done;
  }

  save() {
    return this.changing(async () => {
      if (this.id && !this.dirty) return this.letter;
      this.dirty = false;
      try {
        const drafts = (...id) => box(this.mailbox, 'drafts', ...id);
        this.letter = await (this.id ? call('PUT', drafts(this.id), this.draft()) : call('POST', drafts(), this.draft()));
      } catch (error) {
        this.dirty = true;
        throw error;
      }
      return this.letter;
    });
  }

  savePressed() {
    return trying(async () => { await this.save(); say(t('Draft saved.')); });
  }

  async send() {
    const wrong = ['to', 'cc', 'bcc'].filter((name) => this.recipients(name).some((a) => !looksRight(a)));
    if (!['to', 'cc', 'bcc'].some((name) => this.recipients(name).length)) wrong.push('to');
    wrong.forEach((name) => this.field(name).setAttribute('aria-invalid', 'true'));
    if (wrong.length) {
      this.field(wrong[0]).focus();
      say(t('Check the addresses.'), 'error');
      return;
    }
    await this.save();
    if (!await mayLeave(this)) return;
    await this.save();
    await call('POST', box(this.mailbox, 'drafts', this.id, 'send'));
    windows.close(this);
    say(t('Message sent.'));
  }

  async discard() {
    if (this.id) await call('DELETE', box(this.mailbox, 'drafts', this.id));
    this.close();
  }

  close() {
    this.pane?.close();
    windows.close(this);
  }

  openPane(command) {
    if (this.pane?.command.id === command.id) { this.pane.focus(); return; }
    this.pane?.close();
    this.pane = TaskPane.forCompose(this, command, { ...place, account: this.account.address, mailbox: this.mailbox });
  }

  notice(key, details) {
    if (details) this.notices.set(key, details);
    else this.notices.delete(key);
    fill(this.noticeList, [...this.notices].map(([, n]) => el('li', { 'data-type': n.type }, n.message)));
  }
}
