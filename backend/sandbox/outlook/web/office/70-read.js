// The item while it is read: most of it is known from the start.
function details({ name, address }) {
  return { displayName: name, emailAddress: address, recipientType: 'other' };
}

function readItem(hello) {
  const m = hello.item.message;
  return {
    itemType: 'message',
    itemClass: 'IPM.Note',
    itemId: hello.item.id,
    conversationId: m.conversationId,
    internetMessageId: m.internetMessageId,
    subject: m.subject,
    normalizedSubject: m.subject.replace(/^(?:[^\s\d:]{1,3}: )+/, ''),
    from: details(m.from),
    sender: details(m.from),
    to: m.to.map(details),
    cc: m.cc.map(details),
    dateTimeCreated: new Date(m.received),
    attachments: m.files.map((f) => ({ id: f.id, name: f.name, size: f.size, contentType: f.contentType, attachmentType: f.kind, isInline: f.inline })),
    body: { getAsync: remote(1, 'body.get') },
    loadCustomPropertiesAsync,
    ...since('1.3', { notificationMessages: notificationMessages() }),
    ...since('1.7', itemEvents()),
    ...since('1.9', { displayReplyFormAsync: later(1, () => ask('reply')) }),
    ...since('1.8', {
      getAllInternetHeadersAsync: remote(0, 'headers.all'),
      getAttachmentContentAsync: remote(1, 'attachments.content'),
      ...(hello.item.shared && { getSharedPropertiesAsync: remote(0, 'shared') }),
    }),
  };
}
