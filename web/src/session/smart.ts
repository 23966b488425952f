import { go } from '../shell/router.ts';
import { challenge, secret } from './pkce.ts';

/** SMART App Launch 2.2, standalone: what is asked of the server's sign-in. */
export const SCOPES = 'openid fhirUser online_access user/*.cruds';

/** Where the server's sign-in is. */
export interface Endpoints {
  authorization_endpoint: string;
  token_endpoint: string;
  revocation_endpoint?: string;
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
}

/** The FHIR base of the server that these pages come from. */
export const BASE = `${location.origin}/fhir`;

const back = () => `${location.origin}/signed-in`;

/** Reads where the server's sign-in is. */
export async function discover(): Promise<Endpoints> {
  const response = await fetch(`${BASE}/.well-known/smart-configuration`, { cache: 'no-cache' });
  if (!response.ok) throw new Error('the server does not say where to sign in');
  return (await response.json()) as Endpoints;
}

/** Leaves for the server's sign-in. */
export async function leave(clientId: string): Promise<void> {
  const endpoints = await discover();
  const pending: Pending = { state: secret(), verifier: secret() };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: back(),
    scope: SCOPES,
    state: pending.state,
    aud: BASE,
    code_challenge: await challenge(pending.verifier),
    code_challenge_method: 'S256',
  });
  location.assign(`${endpoints.authorization_endpoint}?${query}`);
}

/** Why somebody comes back without a token, in words. */
const REFUSALS: Record<string, string> = {
  access_denied: 'The sign-in was not allowed. Nothing was opened.',
  invalid_scope: 'Your role cannot use this app.',
};

/** What the address says on coming back; it is cleared at once. Nothing if nobody comes back. */
export async function arrive(clientId: string): Promise<Granted | undefined> {
  if (location.pathname !== '/signed-in') return undefined;
  const query = new URLSearchParams(location.search);
  go('/', 'replace');
  const kept = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  const pending = kept ? (JSON.parse(kept) as Pending) : undefined;
  const refusal = query.get('error');
  if (refusal) throw new Error(REFUSALS[refusal] ?? 'The sign-in did not work.');
  const code = query.get('code');
  if (!code || !pending || query.get('state') !== pending.state) {
    throw new Error('This sign-in was not begun in this window. Please sign in again.');
  }
  return redeem({
    grant_type: 'authorization_code',
    code,
    redirect_uri: back(),
    client_id: clientId,
    code_verifier: pending.verifier,
  });
}

/** Gives the newest refresh token for new tokens; the old one is worth nothing afterwards. */
export function refresh(clientId: string, token: string): Promise<Granted> {
  return redeem({ grant_type: 'refresh_token', refresh_token: token, client_id: clientId });
}

async function redeem(form: Record<string, string>): Promise<Granted> {
  const { token_endpoint } = await discover();
  const body = new URLSearchParams(form);
  const response = await fetch(token_endpoint, { method: 'POST', body, cache: 'no-store' });
  if (!response.ok) throw new Error('The sign-in has ended. Please sign in again.');
  return (await response.json()) as Granted;
}

/** Ends what the app was given. */
export async function revoke(clientId: string, token: string): Promise<void> {
  const { revocation_endpoint } = await discover();
  if (!revocation_endpoint) return;
  const body = new URLSearchParams({ token, client_id: clientId });
  await fetch(revocation_endpoint, { method: 'POST', body, keepalive: true });
}

/**
 * Ends the session of this browser at the server as well, so that whoever sits down next at a
 * shared machine is asked for a password. The form there carries a token of its own.
 */
export async function endSession(): Promise<void> {
  const page = await fetch('/auth/sessions', { credentials: 'same-origin', cache: 'no-store' });
  if (!page.ok) return;
  const html = new DOMParser().parseFromString(await page.text(), 'text/html');
  const form = html.querySelector('form[action="/auth/sign-out"]');
  const field = form?.querySelector<HTMLInputElement>('input[name="form"]');
  if (!field) return;
  const body = new URLSearchParams({ form: field.value });
  await fetch('/auth/sign-out', { method: 'POST', body, credentials: 'same-origin' });
}
