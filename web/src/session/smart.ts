import { FhirError } from '../fhir/outcome.ts';
import { go } from '../shell/router.ts';
import type { Page } from './back.ts';
import { challenge, secret } from './pkce.ts';

/** SMART App Launch 2.2, standalone: what is asked of the server's sign-in. */
export const SCOPES = 'openid fhirUser online_access user/*.cruds';

/** Where the server's sign-in is. */
interface Endpoints {
  authorization_endpoint: string;
  token_endpoint: string;
  revocation_endpoint?: string;
  end_session_endpoint?: string;
}

/** What a sign-in gives. */
export interface Granted {
  access_token: string;
  expires_in?: number;
  refresh_token?: string;
  id_token?: string;
  scope: string;
}

/** The one place where something outlives a page: between leaving for sign-in and coming back. */
const PENDING = 'accord.sign-in';

interface Pending {
  state: string;
  verifier: string;
  client: string;
  page?: Page;
}

/** What is asked for on leaving. */
interface Asked {
  client: string;
  scopes: string;
  /** `none`: come back at once, whatever the answer. `login`: ask who it is in any case. */
  prompt?: 'none' | 'login';
  /** Where to go on. */
  page?: Page;
}

/** Who comes back, and what for. */
export interface Back {
  granted: Granted;
  client: string;
  page: Page | undefined;
}

/** The FHIR base of the server that these pages come from. */
export const BASE = `${location.origin}/fhir`;

const back = () => `${location.origin}/signed-in`;

let known: Endpoints | undefined;

/** Reads where the server's sign-in is. */
async function discover(): Promise<Endpoints> {
  const response = await ask(`${BASE}/.well-known/smart-configuration`, { cache: 'no-cache' });
  if (!response.ok) throw new FhirError(response.status);
  known = (await response.json().catch(unread)) as Endpoints;
  return known;
}

/** What is not answered after so long, in ms, is taken for lost. */
const LATE_MS = 20_000;

/** Asks the server's sign-in; without an answer it is a fault that may pass, and ends nothing. */
function ask(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(LATE_MS) }).catch(() => {
    throw new FhirError(0);
  });
}

/** An answer that is no JSON was not the server's; one that broke off is none. */
function unread(fault: unknown): never {
  throw new FhirError(fault instanceof SyntaxError ? 502 : 0);
}

/** Leaves for the server's sign-in. */
export async function leave({ client, scopes, prompt, page }: Asked): Promise<void> {
  const endpoints = await discover();
  const pending: Pending = { state: secret(), verifier: secret(), client, ...(page && { page }) };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: back(),
    scope: scopes,
    state: pending.state,
    aud: BASE,
    code_challenge: await challenge(pending.verifier),
    code_challenge_method: 'S256',
    ...(prompt && { prompt }),
  });
  const address = `${endpoints.authorization_endpoint}?${query}`;
  // A page that is loaded anew is the same entry of the history, not another.
  if (prompt === 'none') location.replace(address);
  else location.assign(address);
}

/** Why somebody comes back without a token, in words. */
const REFUSALS: Record<string, string> = {
  access_denied: 'The sign-in was not allowed. Nothing was opened.',
  invalid_scope: 'Your role cannot use this app.',
  login_required: 'Your session has ended. Sign in again to go on.',
  interaction_required: 'Sign in again to go on.',
  consent_required: 'Sign in again to go on.',
};

/** What the address says on coming back; it is cleared at once. Nothing if nobody comes back. */
export async function arrive(): Promise<Back | undefined> {
  if (location.pathname !== '/signed-in') return undefined;
  const query = new URLSearchParams(location.search);
  go('/', 'replace');
  const kept = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  const pending = kept ? (JSON.parse(kept) as Pending) : undefined;
  if (!pending || query.get('state') !== pending.state) {
    throw new Error('This sign-in was not begun in this window. Please sign in again.');
  }
  const code = query.get('code');
  if (!code) throw new Error(REFUSALS[query.get('error') ?? ''] ?? 'The sign-in did not work.');
  const granted = await redeem({
    grant_type: 'authorization_code',
    code,
    redirect_uri: back(),
    client_id: pending.client,
    code_verifier: pending.verifier,
  });
  return { granted, client: pending.client, page: pending.page };
}

/** Gives the newest refresh token for new tokens; the old one is worth nothing afterwards. */
export function refresh(clientId: string, token: string): Promise<Granted> {
  return redeem({ grant_type: 'refresh_token', refresh_token: token, client_id: clientId });
}

/** The server says that what was granted is over; any other fault may pass. */
export class Ended extends Error {}

/** Refusals of RFC 6749 §5.2 that no repetition changes. */
const FINAL = ['invalid_grant', 'invalid_client', 'unauthorized_client', 'invalid_scope'];

async function redeem(form: Record<string, string>): Promise<Granted> {
  const { token_endpoint } = await discover();
  const body = new URLSearchParams(form);
  const response = await ask(token_endpoint, { method: 'POST', body, cache: 'no-store' });
  const told = (await response.json().catch((fault) => {
    // Whoever stands before the server says that it is busy in words of their own.
    return fault instanceof SyntaxError ? {} : unread(fault);
  })) as Granted & { error?: string };
  if (response.ok && told.access_token) return told;
  if (FINAL.includes(told.error ?? '')) {
    throw new Ended('The sign-in has ended. Please sign in again.');
  }
  throw new FhirError(response.ok ? 502 : response.status);
}

/** Ends what the app was given. */
export async function revoke(clientId: string, token: string): Promise<void> {
  const { revocation_endpoint } = await discover();
  if (!revocation_endpoint) return;
  const body = new URLSearchParams({ token, client_id: clientId });
  await ask(revocation_endpoint, { method: 'POST', body, keepalive: true });
}

/** The same while the page goes; without an answer. */
export function revokeLeaving(clientId: string, token: string): void {
  const body = new URLSearchParams({ token, client_id: clientId });
  if (known?.revocation_endpoint) navigator.sendBeacon(known.revocation_endpoint, body);
}

/**
 * Ends the session of this browser at the server as well (OpenID Connect RP-Initiated Logout 1.0),
 * so that whoever sits down next at a shared machine is asked for a password.
 */
export async function endSession(clientId: string, idToken: string | undefined): Promise<void> {
  const { end_session_endpoint: endpoint } = await discover();
  if (!endpoint || !idToken) return;
  const body = new URLSearchParams({ id_token_hint: idToken, client_id: clientId });
  if (new URL(endpoint).origin !== location.origin) {
    location.assign(`${endpoint}?${body}`);
    return;
  }
  const init: RequestInit = { method: 'POST', body, credentials: 'same-origin' };
  const response = await ask(endpoint, { ...init, redirect: 'manual' });
  // Where the server would have asked first, nothing has ended.
  if (response.type !== 'opaqueredirect') throw new Error('the session goes on');
}
