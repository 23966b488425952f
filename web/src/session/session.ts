import { Fhir } from '../fhir/client.ts';
import { FhirError } from '../fhir/outcome.ts';
import { go } from '../shell/router.ts';
import { site } from '../shell/site.ts';
import { Store } from '../shell/store.ts';
import { forgetPage, giveBack, type Page, personOf, takePage, watch, writePage } from './back.ts';
import {
  arrive,
  BASE,
  Ended,
  endSession,
  type Granted,
  leave,
  refresh,
  revoke,
  revokeLeaving,
  SCOPES,
} from './smart.ts';
import { hasAnother, tellWindows, whenTold } from './windows.ts';

/** Seconds before its end at which a token is replaced. */
const EARLY_S = 30;

/** Who is signed in; tokens live here and nowhere else, and go with the page. */
export class Session {
  readonly fhir = new Fhir(BASE, this);
  #granted: Granted;
  #ends: number;
  #replacing: Promise<string> | undefined;

  constructor(
    granted: Granted,
    readonly client = site().clientId,
  ) {
    this.#granted = granted;
    this.#ends = ends(granted);
  }

  /** What is told of the person in the tokens. */
  get granted(): Granted {
    return this.#granted;
  }

  /** A token that is good now; one request renews it for all that wait. */
  async token(fresh = false): Promise<string> {
    if (!fresh && Date.now() < this.#ends) return this.#granted.access_token;
    this.#replacing ??= this.#replace().finally(() => {
      this.#replacing = undefined;
    });
    return this.#replacing;
  }

  async #replace(): Promise<string> {
    const token = this.#granted.refresh_token;
    try {
      if (!token) throw new Ended();
      const granted = await refresh(this.client, token);
      this.#granted = { ...this.#granted, ...granted };
      this.#ends = ends(granted);
      return granted.access_token;
    } catch (fault) {
      // A server that is away or busy has ended nothing: it is asked again with the next request.
      if (!(fault instanceof Ended)) throw fault instanceof FhirError ? fault : new FhirError(0);
      forget('Your session has ended. Sign in again to go on.');
      throw new FhirError(401);
    }
  }
}

const ends = (granted: Granted) => Date.now() + ((granted.expires_in ?? 300) - EARLY_S) * 1000;

/** What the pages show: nobody yet, nobody with a reason, or somebody. */
export type State =
  | { kind: 'starting' }
  | { kind: 'out'; reason?: string }
  | { kind: 'in'; session: Session }
  /** A screen for visitors: it has a token that checks people in, and no way to anything else. */
  | { kind: 'kiosk'; session: Session };

export const state = new Store<State>({ kind: 'starting' });

/** What has to be forgotten with a session. */
const onForget = new Set<() => void>();

/** Says what else is to be emptied when somebody signs out. */
export function whenForgotten(empty: () => void): void {
  onForget.add(empty);
}

/** Drops everything that this window knows. */
function forget(reason?: string): void {
  for (const empty of onForget) empty();
  forgetPage();
  state.set(reason ? { kind: 'out', reason } : { kind: 'out' });
}

/**
 * Takes in whoever comes back from sign-in. A page that is loaded anew in the middle of a session
 * asks for it again, without a word to anybody, and goes on where it was.
 */
export async function start(): Promise<void> {
  addEventListener('pagehide', leaveBehind);
  // A page that comes back from the browser's memory has nothing that is good any more.
  addEventListener('pageshow', (event) => event.persisted && location.reload());
  hearWindows();
  const left = takePage();
  // What the address says counts: it may be another entry of the history than the one that was left.
  const page = left && { ...left, path: location.pathname };
  try {
    const back = await arrive();
    if (back && back.client === site().kioskClientId) await lock(back.granted);
    else if (back) begin(back.granted, back.page);
    else if (page) await leave({ client: site().clientId, scopes: SCOPES, prompt: 'none', page });
    else state.set({ kind: 'out' });
  } catch (fault) {
    state.set({ kind: 'out', reason: text(fault) });
  }
}

const ELSEWHERE = 'You signed out in another window.';

/** Who signed out elsewhere before this window knew whose it is. */
const gone = new Set<string>();

/** As whom somebody is signed in here. */
function here(): string | undefined {
  const now = state.get();
  return now.kind === 'in' ? personOf(now.session.granted) : undefined;
}

/** Goes along with the other windows of the same person. */
function hearWindows(): void {
  whenTold('out', (person) => {
    if (state.get().kind === 'starting') gone.add(person);
    else if (person === here()) forget(ELSEWHERE);
  });
  whenTold('who lives?', (person) => person === here() && tellWindows('I do', person));
}

function begin(granted: Granted, page: Page | undefined): void {
  if (gone.has(personOf(granted))) {
    forget(ELSEWHERE);
    return;
  }
  watch();
  if (page && page.person === personOf(granted)) {
    giveBack(page);
    go(page.path, 'replace');
  }
  state.set({ kind: 'in', session: new Session(granted) });
}

/** Tokens end with the page, at the server too; what is left is where the page was. */
function leaveBehind(): void {
  const now = state.get();
  if (now.kind !== 'in' && now.kind !== 'kiosk') return;
  const { granted, client } = now.session;
  if (now.kind === 'in') writePage(granted);
  revokeLeaving(client, granted.refresh_token ?? granted.access_token);
  // Should the browser keep the page and show it again, it is not to show what it showed.
  state.set({ kind: 'starting' });
}

/** What a kiosk may ask for: recording arrivals, and the directory that they refer to. */
const KIOSK_SCOPES =
  'openid fhirUser offline_access user/Encounter.c user/Patient.c user/Organization.r user/Location.r';

/**
 * Opens self check-in: whoever does so signs out, and in again for the small scope alone, so that
 * nothing of their own session is left on a screen that visitors use.
 */
export async function openKiosk(): Promise<void> {
  const client = site().kioskClientId;
  if (!client) return;
  await signOut();
  const now = state.get();
  if (now.kind !== 'out' || now.reason !== SIGNED_OUT) return;
  try {
    await leave({ client, scopes: KIOSK_SCOPES, prompt: 'login' });
  } catch (fault) {
    state.set({ kind: 'out', reason: text(fault) });
  }
}

/** Ends the session in which the token was given: the token outlives it, and is all that is left. */
async function lock(granted: Granted): Promise<void> {
  const session = new Session(granted, site().kioskClientId);
  const wide = granted.scope.split(' ').some((scope) => !KIOSK_SCOPES.split(' ').includes(scope));
  try {
    if (wide || !granted.refresh_token || !granted.id_token) throw new Error('not as asked for');
    await endSession(session.client, granted.id_token);
  } catch {
    await revoke(session.client, granted.refresh_token ?? granted.access_token).catch(() => {});
    throw new Error('Self check-in could not be locked, so it was not opened. Close the browser.');
  }
  state.set({ kind: 'kiosk', session });
  go('/check-in', 'replace');
}

/** Ends self check-in. */
export async function finish(reason: string): Promise<void> {
  const now = state.get();
  forget(reason);
  if (now.kind !== 'kiosk') return;
  const { granted, client } = now.session;
  await revoke(client, granted.refresh_token ?? granted.access_token).catch(() => {});
}

/** Leaves for sign-in. */
export async function signIn(): Promise<void> {
  try {
    // Whoever presses the button says who they are, also where a session of the browser goes on:
    // it may be somebody else's who closed the window and left.
    await leave({ client: site().clientId, scopes: SCOPES, prompt: 'login' });
  } catch (fault) {
    state.set({ kind: 'out', reason: text(fault) });
  }
}

function text(fault: unknown): string {
  if (fault instanceof FhirError && fault.status === 0) return 'The server does not answer.';
  if (fault instanceof FhirError) return 'The server cannot sign anybody in now. Try again soon.';
  return fault instanceof Error ? fault.message : 'It did not work.';
}

const SIGNED_OUT = 'You are signed out.';

/** Ends everything: here, the app's tokens, and the browser's session at the server. */
export async function signOut(reason = SIGNED_OUT): Promise<void> {
  const now = state.get();
  forget(reason);
  if (now.kind !== 'in') return;
  const { granted } = now.session;
  tellWindows('out', personOf(granted));
  await end(granted, true);
}

/**
 * Ends this window: nobody is taken from their work in another because a screen that stood alone has
 * ended. With the last window of a person their session ends at the server too.
 */
export async function leaveWindow(reason: string): Promise<void> {
  const now = state.get();
  // A page that goes with the end of its window has nothing more to say of it.
  if (now.kind !== 'in') return;
  forget(reason);
  const { granted } = now.session;
  await end(granted, !(await hasAnother(personOf(granted))));
}

/** Ends at the server what was granted, and the session of the browser where this is `all`. */
async function end(granted: Granted, all: boolean): Promise<void> {
  const ended = [revoke(site().clientId, granted.refresh_token ?? granted.access_token)];
  if (all) ended.push(endSession(site().clientId, granted.id_token));
  const results = await Promise.allSettled(ended);
  if (results.some((result) => result.status === 'rejected')) {
    const rest = 'The server did not answer: close the browser too.';
    state.set({ kind: 'out', reason: `You are signed out here. ${rest}` });
  }
}
