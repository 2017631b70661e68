// Office itself. The window around the frame says hello with all that is known at
// once; until then the context is empty, as in life.
const context = {
  requirements: { isSetSupported },
  ui: {
    closeContainer: () => { ask('closeContainer'); },
    openBrowserWindow: (url) => { ask('openBrowserWindow', String(url)); },
    displayDialogAsync,
    messageParent,
  },
};
const actions = new Map();

function mailboxOf(hello) {
  return {
    userProfile: hello.userProfile,
    diagnostics: { hostName: 'OutlookWebApp', hostVersion: '20.0.0.0', OWAView: hello.narrow ? 'OneColumn' : 'ThreeColumns' },
    item: hello.item.mode === 'compose' ? composeItem(hello) : readItem(hello),
    ...since('1.3', {
      convertToRestId: (id) => String(id).replaceAll('/', '-').replaceAll('+', '_'),
      convertToEwsId: (id) => String(id).replaceAll('-', '/').replaceAll('_', '+'),
    }),
    ...since('1.5', itemEvents()),
  };
}

function begin(hello) {
  supported = hello.supported;
  if (isSetSupported('NestedAppAuth', '1.1')) installBridge();
  context.displayLanguage = context.contentLanguage = hello.language;
  context.platform = 'OfficeOnline';
  context.host = 'Outlook';
  context.diagnostics = { host: 'Outlook', platform: 'OfficeOnline', version: '20.0.0.0' };
  context.officeTheme = hello.theme;
  context.roamingSettings = roamingSettings(hello.roaming);
  context.mailbox = mailboxOf(hello);
  listen('officeThemeChanged', ({ officeTheme }) => { context.officeTheme = officeTheme; });
  return { host: 'Outlook', platform: 'OfficeOnline' };
}

const ready = framed ? ask('hello').then(begin) : Promise.resolve({ host: null, platform: null });

listen('action', async ({ name, call }) => {
  await ready;
  const handler = actions.get(name);
  if (handler) handler({ completed: (options = {}) => { ask('completed', call, options); }, source: { id: name } });
  else ask('completed', call, { allowEvent: true });
});

window.Office = {
  ...enums,
  context,
  actions: { associate: (name, handler) => { actions.set(name, handler); } },
  onReady: (callback) => ready.then((info) => { callback?.(info); return info; }),
  isSetSupported,
};
ready.then(() => window.Office.initialize?.('inserted'));
