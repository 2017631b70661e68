// A task pane that calls what the product's pane calls and reports what came back.
const promised = (call) => new Promise((resolve) => call((result) => resolve(result)));
const value = async (call) => {
  const result = await promised(call);
  if (result.status !== Office.AsyncResultStatus.Succeeded) throw new Error(`${result.error.name}: ${result.error.message}`);
  return result.value;
};

async function compose(item, mailbox) {
  const report = {};
  report.subject = await value((cb) => item.subject.getAsync(cb));
  report.to = await value((cb) => item.to.getAsync(cb));
  report.body = await value((cb) => item.body.getAsync('text', cb));
  report.attachments = await value((cb) => item.getAttachmentsAsync(cb));
  report.content = await value((cb) => item.getAttachmentContentAsync(report.attachments[0].id, cb));
  const changed = new Promise((resolve) => item.addHandlerAsync(Office.EventType.RecipientsChanged, resolve));
  await value((cb) => item.cc.setAsync([{ displayName: 'Company', emailAddress: 'company@firm.example' }], cb));
  report.changed = (await changed).changedRecipientFields;
  await value((cb) => item.subject.setAsync('Changed by the pane', { asyncContext: 1 }, cb));
  report.added = await value((cb) => item.addFileAttachmentFromBase64Async(btoa('from the pane'), 'pane.txt', cb));
  await value((cb) => item.removeAttachmentAsync(report.attachments[0].id, cb));
  report.gone = await promised((cb) => item.removeAttachmentAsync('unknown', cb));
  await value((cb) => item.internetHeaders.setAsync({ 'x-nonce': '42' }, cb));
  const custom = await value((cb) => item.loadCustomPropertiesAsync(cb));
  custom.set('sd.nonce', 'fresh');
  await value((cb) => custom.saveAsync(cb));
  report.id = await value((cb) => item.saveAsync(cb));
  report.restId = mailbox.convertToRestId(report.id, 'v2.0');
  report.composeType = await value((cb) => item.getComposeTypeAsync(cb));
  await value((cb) => item.notificationMessages.replaceAsync('n', { type: 'informationalMessage', message: 'A notice of the pane' }, cb));
  await value((cb) => item.sessionData.setAsync('k', 'v', cb));
  report.session = await value((cb) => item.sessionData.getAsync('k', cb));
  report.sharing = item.getSharedPropertiesAsync ? await value((cb) => item.getSharedPropertiesAsync(cb)) : null;
  return report;
}

async function read(item) {
  return { subject: item.subject, itemId: item.itemId, from: item.from.emailAddress, headers: await value((cb) => item.getAllInternetHeadersAsync(cb)) };
}

async function surroundings() {
  const { context } = Office;
  const roaming = context.roamingSettings;
  const before = roaming.get('reply') ?? null;
  roaming.set('reply', 'children');
  await value((cb) => roaming.saveAsync(cb));
  roaming.set('large', 'x'.repeat(33 * 1024));
  const large = await promised((cb) => roaming.saveAsync(cb));
  return {
    before, large: large.error?.name, language: context.displayLanguage, dark: context.officeTheme.isDarkTheme, user: context.mailbox.userProfile,
    sets: ['1.8', '1.14', '1.16'].map((v) => context.requirements.isSetSupported('Mailbox', v)), nested: context.requirements.isSetSupported('NestedAppAuth', '1.1'),
  };
}

// bridge speaks the protocol that msal-browser speaks.
async function bridge() {
  const ask = (request) => new Promise((resolve) => {
    const requestId = crypto.randomUUID();
    window.nestedAppAuthBridge.addEventListener('message', (text) => { const answer = JSON.parse(text); if (answer.requestId === requestId) resolve(answer); });
    window.nestedAppAuthBridge.postMessage(JSON.stringify({ messageType: 'NestedAppAuthRequest', requestId, ...request }));
  });
  const init = await ask({ method: 'GetInitContext' });
  const token = await ask({ method: 'GetToken', tokenParams: { clientId: 'client', scope: 'api://client/access_as_user', correlationId: 'c' } });
  const unknown = await ask({ method: 'Nonsense' });
  return { init, token, unknown };
}

const send = (report) => fetch('/report', { method: 'POST', body: JSON.stringify(report) });

Office.onReady().then(async (info) => {
  const { mailbox } = Office.context;
  if (!Office.context.requirements.isSetSupported('Mailbox', '1.8')) {
    const { item } = mailbox;
    send({
      attachments: Boolean(item.getAttachmentsAsync), closing: Boolean(item.closeAsync), saving: Boolean(item.saveAsync),
      nested: Office.context.requirements.isSetSupported('NestedAppAuth', '1.1'), bridge: Boolean(window.nestedAppAuthBridge),
    });
    return;
  }
  mailbox.addHandlerAsync(Office.EventType.OfficeThemeChanged, ({ officeTheme }) => send({ theme: officeTheme }));
  try {
    const report = { info, surroundings: await surroundings() };
    if (window.nestedAppAuthBridge) report.bridge = await bridge();
    report.item = mailbox.item.saveAsync ? await compose(mailbox.item, mailbox) : await read(mailbox.item);
    document.getElementById('log').textContent = JSON.stringify(report, null, 1);
    await send(report);
  } catch (error) {
    await send({ error: String(error) });
  }
});

document.addEventListener('click', (event) => {
  if (event.target.id === 'finish') Office.context.mailbox.item.closeAsync({ discardItem: true }, () => {});
});
