// The broker's side of nested app authentication: it answers the requests of
// @azure/msal-browser (lib/msal-browser/src/naa) for the person whose Outlook this is.
import { call } from './api.js';

export async function answerBridge(text, user) {
  const request = JSON.parse(text);
  const answer = { messageType: 'NestedAppAuthResponse', requestId: request.requestId };
  try {
    return JSON.stringify({ ...answer, success: true, ...await answers(request, user) });
  } catch (error) {
    return JSON.stringify({ ...answer, success: false, error: { status: statusOf(error), code: error.name, description: error.message } });
  }
}

async function answers({ method, tokenParams }, user) {
  switch (method) {
    case 'GetInitContext':
      return { initContext: { sdkName: 'sandbox', sdkVersion: '1', capabilities: { queryAccount: false } } };
    case 'GetToken':
    case 'GetTokenPopup':
      return call('POST', '/sim/token', { user, clientId: tokenParams.clientId, scope: tokenParams.scope });
    default:
      throw Object.assign(new Error(`The broker has no ${method}.`), { name: 'NESTED_APP_AUTH_UNAVAILABLE' });
  }
}

const statuses = new Set(['USER_INTERACTION_REQUIRED', 'USER_CANCEL', 'TRANSIENT_ERROR', 'PERSISTENT_ERROR', 'DISABLED', 'ACCOUNT_UNAVAILABLE', 'NESTED_APP_AUTH_UNAVAILABLE']);
const statusOf = (error) => (statuses.has(error.name) ? error.name : error instanceof TypeError ? 'NO_NETWORK' : 'PERSISTENT_ERROR');
