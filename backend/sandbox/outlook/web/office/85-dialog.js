// A window of the add-in's (Microsoft Learn, "Use the Office dialog API in Office
// Add-ins"): there is one at a time, and what it tells reaches the pane through
// Outlook, which opened it.
const dialogEvents = [enums.EventType.DialogMessageReceived, enums.EventType.DialogEventReceived];

const dialog = {
  close: () => { ask('dialog.close'); },
  addEventHandler: (type, handler) => { if (dialogEvents.includes(type)) listen(type, handler); },
};

const displayDialogAsync = later(1, async (url, { width = 99, height = 99 }) => {
  dialogEvents.forEach(unlisten);
  await ask('dialog.open', String(url), { width, height });
  return dialog;
});

function messageParent(text, { targetOrigin = location.origin } = {}) {
  window.opener?.postMessage({ office: 1, told: String(text), targetOrigin }, hostOrigin);
}
