// The attachments of a compose window: chosen, dropped, pasted by an add-in, removed.
import { box, call } from './api.js';
import { button, el, fill, icon } from './dom.js';
import { compositionChanged } from './host.js';
import { say, trying } from './status.js';
import { size } from './sizes.js';
import { t } from './words.js';

export class Attachments {
  constructor(compose) {
    this.compose = compose;
    this.files = [];
    this.uploading = 0;
    this.element = el('ul', { className: 'files', testid: 'compose-attachments' });
    this.input = el('input', { type: 'file', multiple: true, hidden: true, testid: 'compose-file', onchange: () => { this.addAll([...this.input.files]); this.input.value = ''; } });
  }

  get picker() {
    return el('span', {}, button('attach', t('Attach'), { testid: 'compose-attach', 'data-key': 'attach', onclick: () => this.input.click() }), this.input);
  }

  get list() { return this.files; }

  set list(files) {
    this.files = files;
    this.draw();
  }

  draw() {
    this.element.setAttribute('aria-label', t('Attachments'));
    fill(this.element, this.files.filter((f) => !f.inline).map((f) => el('li', {}, el('span', { className: 'file', testid: 'compose-attachment', 'data-name': f.name },
      icon('file'), el('span', {}, f.name), el('small', {}, size(f.size)),
      button('close', t('Remove {name}', { name: f.name }), { testid: 'compose-detach', 'data-key': f.id, onclick: () => trying(() => this.remove(f.id)) }, false)))),
    this.uploading > 0 && el('li', {}, el('span', { className: 'file' }, t('Attaching …'))));
  }

  acceptDrops(target) {
    const files = (event) => [...event.dataTransfer.types].includes('Files');
    target.addEventListener('dragover', (event) => { if (files(event)) { event.preventDefault(); target.classList.add('dropping'); } });
    target.addEventListener('dragleave', (event) => { if (!target.contains(event.relatedTarget)) target.classList.remove('dropping'); });
    target.addEventListener('drop', (event) => {
      target.classList.remove('dropping');
      if (!files(event)) return;
      event.preventDefault();
      this.addAll([...event.dataTransfer.files]);
    });
  }

  addAll(files) {
    return trying(async () => { for (const file of files) await this.add(file, file.name); });
  }

  // add uploads one file to the draft, saving the draft first, and answers the attachment.
  async add(blob, name, contentId = '') {
    this.uploading++;
    this.draw();
    try {
      await this.compose.save();
      return await this.changed('added', async (path) => {
        const query = new URLSearchParams({ name, ...(contentId && { contentId }) });
        return call('POST', `${path('attachments')}?${query}`, blob, blob.type || 'application/octet-stream');
      });
    } finally {
      this.uploading--;
      this.draw();
    }
  }

  async remove(id) {
    if (!this.files.some((f) => f.id === id)) throw Object.assign(new Error(t('The attachment is not there.')), { name: 'InvalidAttachmentId' });
    await this.changed('removed', (path) => call('DELETE', path('attachments', id)));
  }

  async changed(status, work) {
    const { compose } = this;
    const before = this.files;
    compose.letter = await compose.changing(() => work((...parts) => box(compose.mailbox, 'drafts', compose.id, ...parts)));
    this.list = compose.letter.files;
    const [longer, shorter] = status === 'added' ? [this.files, before] : [before, this.files];
    const file = longer.find((f) => !shorter.some((other) => other.id === f.id));
    compositionChanged(compose, 'olkAttachmentsChanged', { attachmentStatus: status, attachmentDetails: file && asOffice(file) });
    return file;
  }

  async picture(blob, name) {
    const contentId = `${crypto.randomUUID()}@sandbox`;
    const file = await this.add(blob, name, contentId);
    this.compose.editor.addPicture(contentId, name);
    this.compose.touched();
    say(t('Picture inserted.'));
    return file;
  }
}

// asOffice is an attachment as Office.js describes it.
export const asOffice = (f) => ({ id: f.id, name: f.name, size: f.size, attachmentType: f.kind, isInline: f.inline, contentType: f.contentType, ...(f.url && { url: f.url }) });
