// Office.js answers through callbacks with an AsyncResult. Numbers are those of the
// mailbox API (Microsoft Learn, "Office.MailboxEnums" and "Office.AsyncResult").
const codes = {
  AttachmentSizeExceeded: 9000,
  NumberOfAttachmentsExceeded: 9001,
  InvalidAttachmentId: 9003,
  GenericSettingsError: 9019,
  GenericResponseError: 9020,
  DuplicateNotificationKey: 9023,
  NotificationKeyNotFound: 9024,
  InternalError: 5001,
  DialogOpenedAlready: 12007,
  DialogUnwanted: 12009,
};

function failure(name, message) {
  return { name, message, code: codes[name] ?? 9020 };
}

const AsyncResultStatus = { Succeeded: 'succeeded', Failed: 'failed' };

// later makes an …Async function out of one that answers a promise. Required
// arguments come first; options and callback may each be left out.
function later(required, work) {
  return function asyncFunction(...given) {
    const args = given.slice(0, required);
    const rest = given.slice(required);
    const callback = rest.find((a) => typeof a === 'function') ?? (() => {});
    const options = rest.find((a) => a && typeof a === 'object') ?? {};
    const asyncContext = options.asyncContext;
    Promise.resolve().then(() => work(...args, options)).then(
      (value) => callback({ status: AsyncResultStatus.Succeeded, value, asyncContext }),
      (error) => callback({ status: AsyncResultStatus.Failed, value: undefined, asyncContext, error: asFailure(error) }),
    );
  };
}

function asFailure(error) {
  return failure(error?.name && error.name !== 'Error' ? error.name : 'GenericResponseError', String(error?.message ?? 'The call failed.'));
}

// remote is an …Async function that the window around the frame carries out.
function remote(required, method, ...bound) {
  return later(required, (...args) => ask(method, ...bound, ...args));
}
