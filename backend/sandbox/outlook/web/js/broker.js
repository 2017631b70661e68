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
      return tokenParams.forceRefresh ? fresh(tokenParams, user) : kept(tokenParams, user) ?? fresh(tokenParams, user);
    case 'GetTokenPopup':
      return fresh(tokenParams, user);
    default:
      throw Object.assign(new Error(`The broker has no ${method}.`), { name: 'NESTED_APP_AUTH_UNAVAILABLE' });
  }
}

// As in life, a token is kept until it ends by this machine's clock.
const tokens = new Map();

const nameOf = ({ clientId, scope }, user) => JSON.stringify([user, clientId, scope]);

function kept(params, user) {
  const before = tokens.get(nameOf(params, user));
  return before && Date.now() < before.until ? before.answer : undefined;
}

async function fresh(params, user) {
  const answer = await call('POST', '/sim/token', { user, clientId: params.clientId, scope: params.scope });
  tokens.set(nameOf(params, user), { answer, until: Date.now() + 1000 * answer.token.expires_in });
  return answer;
}

const statuses = new Set(['USER_INTERACTION_REQUIRED', 'USER_CANCEL', 'TRANSIENT_ERROR', 'PERSISTENT_ERROR', 'DISABLED', 'ACCOUNT_UNAVAILABLE', 'NESTED_APP_AUTH_UNAVAILABLE']);
const statusOf = (error) => (statuses.has(error.name) ? error.name : error instanceof TypeError ? 'NO_NETWORK' : 'PERSISTENT_ERROR');
