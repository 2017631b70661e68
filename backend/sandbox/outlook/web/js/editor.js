// The rich text field of a compose window.
import { button, el, fill } from './dom.js';
import { t } from './words.js';

const kept = new Set(['A', 'B', 'BLOCKQUOTE', 'BR', 'CODE', 'DIV', 'EM', 'H1', 'H2', 'H3', 'HR', 'I', 'IMG', 'LI',
  'OL', 'P', 'PRE', 'S', 'SPAN', 'STRONG', 'SUB', 'SUP', 'TABLE', 'TBODY', 'TD', 'TH', 'THEAD', 'TR', 'U', 'UL']);
const gone = new Set(['HEAD', 'IFRAME', 'LINK', 'META', 'OBJECT', 'SCRIPT', 'STYLE', 'TITLE']);
const attributes = { A: ['href'], IMG: ['src', 'alt', 'width', 'height'], TD: ['colspan', 'rowspan'], TH: ['colspan', 'rowspan'] };
const schemes = /^(https?|mailto|tel|cid|data:image\/(png|jpeg|gif|webp)):?/i;

// cleaned parses mail and leaves text, structure and pictures; scripts, styles and
// everything else that a person did not write is gone.
export function cleaned(html) {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const result = document.createDocumentFragment();
  result.append(...[...parsed.body.childNodes].flatMap(clean));
  return result;
}

function clean(node) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
  if (node.nodeType !== Node.ELEMENT_NODE || gone.has(node.tagName)) return [];
  const children = [...node.childNodes].flatMap(clean);
  if (!kept.has(node.tagName)) return children;
  const copy = document.createElement(node.tagName);
  for (const name of attributes[node.tagName] ?? []) {
    const value = node.getAttribute(name);
    if (value !== null && (!['href', 'src'].includes(name) || schemes.test(value.trim()))) copy.setAttribute(name, value);
  }
  copy.append(...children);
  return [copy];
}

export class Editor {
  // pictures turns a content id into the address of the picture; insert takes a
  // picture's file; changed is called after every change.
  constructor({ pictures, insert, changed }) {
    Object.assign(this, { pictures, insert });
    this.chooser = el('input', { type: 'file', accept: 'image/*', hidden: true, testid: 'compose-picture', onchange: () => { insert(this.chooser.files[0]); this.chooser.value = ''; } });
    this.field = el('div', {
      className: 'editor', contentEditable: 'true', role: 'textbox', 'aria-multiline': 'true', testid: 'compose-body', tabIndex: 0,
      oninput: changed, onpaste: (event) => this.paste(event),
    });
    this.toolbar = el('div', { className: 'format', role: 'toolbar' });
    this.relabel();
  }

  relabel() {
    this.field.setAttribute('aria-label', t('Message text'));
    this.toolbar.setAttribute('aria-label', t('Format'));
    fill(this.toolbar, this.tools());
  }

  tools() {
    const command = (name) => ({ onmousedown: (event) => event.preventDefault(), onclick: () => { this.field.focus(); document.execCommand(name); } });
    return [button('bold', t('Bold'), command('bold'), false), button('italic', t('Italic'), command('italic'), false), button('underline', t('Underline'), command('underline'), false),
      button('bullets', t('Bulleted list'), command('insertUnorderedList'), false), button('numbers', t('Numbered list'), command('insertOrderedList'), false),
      button('picture', t('Insert a picture'), { onclick: () => this.chooser.click() }, false), this.chooser];
  }

  paste(event) {
    const picture = [...event.clipboardData.files].find((file) => file.type.startsWith('image/'));
    const html = event.clipboardData.getData('text/html');
    if (!picture && !html) return;
    event.preventDefault();
    if (picture) { this.insert(picture); return; }
    const holder = el('div', {}, cleaned(html));
    document.execCommand('insertHTML', false, holder.innerHTML);
  }

  // html answers the text as it is mailed: pictures by content id.
  get html() {
    const copy = this.field.cloneNode(true);
    copy.querySelectorAll('img[data-cid]').forEach((img) => {
      img.setAttribute('src', `cid:${img.dataset.cid}`);
      img.removeAttribute('data-cid');
    });
    return copy.innerHTML;
  }

  set html(text) {
    this.field.replaceChildren(cleaned(text));
    this.field.querySelectorAll('img[src^="cid:"]').forEach((img) => this.show(img, img.getAttribute('src').slice(4)));
  }

  get text() { return this.field.innerText; }

  prepend(html) { this.field.prepend(cleaned(html)); }

  addPicture(contentId, name) {
    const img = el('img', { alt: name });
    this.show(img, contentId);
    this.field.append(img);
  }

  show(img, contentId) {
    img.dataset.cid = contentId;
    img.src = this.pictures(contentId) ?? '';
  }
}
