// Attachment content between bytes and what Office.js hands over.
import { box } from './api.js';

export function decoded(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return new Blob([bytes]);
}

// content answers a file as base64, an attached message as text, a cloud file as its
// address (Microsoft Learn, "Office.AttachmentContent").
export async function content(file, mailbox, message) {
  if (file.kind === 'cloud') return { format: 'url', content: file.url };
  const blob = await (await fetch(box(mailbox, 'messages', message, 'attachments', file.id))).blob();
  if (file.kind === 'item') return { format: 'eml', content: await blob.text() };
  return { format: 'base64', content: await encoded(blob) };
}

function encoded(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
