// What a task pane may do with the message that is being written.
import { formatAddresses } from './addresses.js';
import { asOffice } from './attachments.js';
import { content, decoded } from './content.js';
import { ewsId, fault } from './host.js';

// paneAttachment is the largest attachment a pane may add (Microsoft Learn, "Limits for
// activation and JavaScript API for Outlook add-ins": 25 MB).
const paneAttachment = 25 * 1024 * 1024;

const asPerson = ({ name, address }) => ({ displayName: name || address, emailAddress: address, recipientType: 'other' });
const asAddress = (given) => (typeof given === 'string' ? { name: given, address: given } : { name: given.displayName ?? '', address: given.emailAddress ?? '' });

export function composeMethods(compose) {
  return { ...itemMethods(compose), ...fieldMethods(compose), ...attachmentMethods(compose), ...memoryMethods(compose) };
}

function itemMethods(compose) {
  return {
    save: async () => ewsId((await compose.save()).restId),
    itemId: () => {
      if (!compose.id) throw fault('ItemNotSaved', 'The item has not been saved.');
      return ewsId(compose.id);
    },
    close: async ({ discardItem } = {}) => {
      if (discardItem) return compose.discard();
      await compose.save();
      return compose.close();
    },
    composeType: () => ({ composeType: /^re: /i.test(compose.title) ? 'reply' : /^fwd?: /i.test(compose.title) ? 'forward' : 'newMail', coercionType: 'html' }),
  };
}

function fieldMethods(compose) {
  const set = (field, list) => {
    compose.field(field).value = formatAddresses(list);
    compose.addressed(field);
  };
  return {
    'subject.get': () => compose.field('subject').value,
    'subject.set': (text) => {
      if (text.length > 255) throw fault('DataExceedsMaximumSize', 'The subject is longer than 255 characters.');
      compose.field('subject').value = text;
      compose.touched();
    },
    'from.get': () => asPerson(compose.draft().from),
    'recipients.get': (field) => compose.recipients(field).map(asPerson),
    'recipients.set': (field, list) => set(field, list.map(asAddress)),
    'recipients.add': (field, list) => set(field, [...compose.recipients(field), ...list.map(asAddress)]),
    'body.type': () => 'html',
    'body.get': (type) => (type === 'text' ? compose.editor.text : compose.editor.html),
    'body.set': (text, { coercionType } = {}) => {
      if (coercionType === 'html') compose.editor.html = text;
      else compose.editor.field.innerText = text;
      compose.touched();
    },
    'body.prepend': (text, { coercionType } = {}) => {
      if (coercionType === 'html') compose.editor.prepend(text);
      else compose.editor.field.prepend(text);
      compose.touched();
    },
  };
}

function attachmentMethods(compose) {
  const { attachments } = compose;
  return {
    'attachments.list': () => attachments.list.map(asOffice),
    'attachments.remove': (id) => attachments.remove(id),
    'attachments.add': async (base64, name, { isInline } = {}) => {
      const blob = decoded(base64);
      if (blob.size > paneAttachment) throw fault('AttachmentSizeExceeded', 'The attachment is larger than 25 MB.');
      return (await attachments.add(blob, name, isInline ? name : '')).id;
    },
    'attachments.content': (id) => {
      const file = attachments.list.find((f) => f.id === id);
      if (!file) throw fault('InvalidAttachmentId', 'The attachment is not there.');
      return content(file, compose.mailbox, compose.id);
    },
  };
}

function memoryMethods(compose) {
  const { session, notices } = compose;
  const notice = (key, details) => { compose.notice(key, details); };
  return {
    'custom.load': () => compose.custom,
    'custom.save': (values) => { compose.custom = values; compose.touched(); },
    'headers.get': (names) => Object.fromEntries(names.filter((n) => n in compose.headers).map((n) => [n, compose.headers[n]])),
    'headers.set': (values) => { Object.assign(compose.headers, values); compose.touched(); },
    'headers.remove': (names) => { names.forEach((n) => { delete compose.headers[n]; }); compose.touched(); },
    'notifications.all': () => [...notices].map(([key, n]) => ({ key, ...n })),
    'notifications.replace': notice,
    'notifications.add': (key, details) => {
      if (notices.has(key)) throw fault('DuplicateNotificationKey', 'There is a notification with this key.');
      notice(key, details);
    },
    'notifications.remove': (key) => {
      if (!notices.has(key)) throw fault('NotificationKeyNotFound', 'There is no notification with this key.');
      notice(key);
    },
    'session.get': (name) => session.get(name),
    'session.all': () => Object.fromEntries(session),
    'session.set': (name, value) => { session.set(name, value); },
    'session.remove': (name) => { session.delete(name); },
    'session.clear': () => { session.clear(); },
    completed: () => {},
  };
}
