// The item while it is written. Everything is asked of the compose window at the
// moment of the call.
function recipients(field) {
  return {
    getAsync: remote(0, 'recipients.get', field),
    setAsync: remote(1, 'recipients.set', field),
    addAsync: remote(1, 'recipients.add', field),
  };
}

function composeBody() {
  return {
    getAsync: remote(1, 'body.get'),
    setAsync: remote(1, 'body.set'),
    prependAsync: remote(1, 'body.prepend'),
    setSelectedDataAsync: remote(1, 'body.prepend'),
    getTypeAsync: remote(0, 'body.type'),
  };
}

function notificationMessages() {
  return {
    addAsync: remote(2, 'notifications.add'),
    replaceAsync: remote(2, 'notifications.replace'),
    removeAsync: remote(1, 'notifications.remove'),
    getAllAsync: remote(0, 'notifications.all'),
  };
}

function sessionData() {
  return {
    getAsync: remote(1, 'session.get'),
    getAllAsync: remote(0, 'session.all'),
    setAsync: remote(2, 'session.set'),
    removeAsync: remote(1, 'session.remove'),
    clearAsync: remote(0, 'session.clear'),
  };
}

function itemEvents() {
  return {
    addHandlerAsync: later(2, async (type, handler) => listen(type, (value) => handler({ type, ...value }))),
    removeHandlerAsync: later(1, async (type) => unlisten(type)),
  };
}

function composeItem(hello) {
  return {
    itemType: 'message',
    conversationId: hello.item.conversationId,
    to: recipients('to'),
    cc: recipients('cc'),
    bcc: recipients('bcc'),
    subject: { getAsync: remote(0, 'subject.get'), setAsync: remote(1, 'subject.set') },
    body: composeBody(),
    loadCustomPropertiesAsync,
    addFileAttachmentAsync: later(2, () => { throw failure('GenericResponseError', 'This Outlook attaches from base64 only.'); }),
    removeAttachmentAsync: remote(1, 'attachments.remove'),
    ...since('1.3', { saveAsync: remote(0, 'save'), close: () => { ask('close', {}); }, notificationMessages: notificationMessages() }),
    ...since('1.7', { from: { getAsync: remote(0, 'from.get') }, ...itemEvents() }),
    ...since('1.8', {
      addFileAttachmentFromBase64Async: remote(2, 'attachments.add'),
      getAttachmentsAsync: remote(0, 'attachments.list'),
      getAttachmentContentAsync: remote(1, 'attachments.content'),
      getComposeTypeAsync: remote(0, 'composeType'),
      getItemIdAsync: remote(0, 'itemId'),
      internetHeaders: {
        getAsync: remote(1, 'headers.get'),
        setAsync: remote(1, 'headers.set'),
        removeAsync: remote(1, 'headers.remove'),
      },
      ...(hello.item.shared && { getSharedPropertiesAsync: remote(0, 'shared') }),
    }),
    ...since('1.14', { closeAsync: remote(0, 'close') }),
    ...since('1.15', { sessionData: sessionData() }),
  };
}
