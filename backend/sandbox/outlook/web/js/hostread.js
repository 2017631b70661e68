// What a task pane may do with a message that is being read.
import { box, call } from './api.js';
import { content } from './content.js';
import { fault } from './host.js';
import { openDraft } from './stage.js';

export function readMethods(letter, where) {
  const message = box(where.mailbox, 'messages', letter.id);
  return {
    'headers.all': () => letter.headers.map((h) => `${h.Name}: ${h.Value}`).join('\r\n'),
    'body.get': (type) => (type === 'html' && letter.html ? letter.body : new DOMParser().parseFromString(letter.body, 'text/html').body.innerText),
    'attachments.content': (id) => {
      const file = letter.files.find((f) => f.id === id);
      if (!file) throw fault('InvalidAttachmentId', 'The attachment is not there.');
      return content(file, where.mailbox, letter.id);
    },
    'custom.load': () => JSON.parse(letter.customProperties || '{}'),
    'custom.save': async (values) => {
      letter.customProperties = JSON.stringify(values);
      await call('PATCH', message, { customProperties: letter.customProperties });
    },
    reply: async () => { await openDraft((await call('POST', `${message}/reply`)).id); },
    completed: () => {},
  };
}
