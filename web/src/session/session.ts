import { Fhir } from '../fhir/client.ts';
import { FhirError } from '../fhir/outcome.ts';
import { go } from '../shell/router.ts';
import { site } from '../shell/site.ts';
import { Store } from '../shell/store.ts';
import { forgetPage, giveBack, type Page, personOf, takePage, watch, writePage } from './back.ts';
import {
  arrive,
  BASE,
  endSession,
  type Granted,
  leave,
  refresh,
  revoke,
  revokeLeaving,
  SCOPES,
} from './smart.ts';

/** Seconds before its end at which a token is replaced. */
const EARLY_S = 30;

/** Who is signed in; tokens live here and nowhere else, and go with the page. */
export class Session {
  readonly fhir = new Fhir(BASE, this);
  #granted: Granted;
  #ends: number;
  #replacing: Promise<string> | undefined;

  constructor(granted: Granted) {
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
      if (!token) throw new Error('no refresh token');
      const granted = await refresh(site().clientId, token);
      this.#granted = { ...this.#granted, ...granted };
      this.#ends = ends(granted);
      return granted.access_token;
    } catch (fault) {
      // Without an answer nothing has ended: it is tried again with the next request.
      if (fault instanceof TypeError) throw new FhirError(0);
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
  | { kind: 'in'; session: Session };

export const state = new Store<State>({ kind: 'starting' });

/** What has to be forgotten with a session. */
const onForget = new Set<() => void>();

/** Says what else is to be emptied when somebody signs out. */
export function whenForgotten(empty: () => void): void {
  onForget.add(empty);
}

/** Drops everything that this window knows. */
export function forget(reason?: string): void {
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
  const left = takePage();
  // What the address says counts: it may be another entry of the history than the one that was left.
  const page = left && { ...left, path: location.pathname };
  try {
    const back = await arrive();
    if (back) begin(back.granted, back.page);
    else if (page) await leave({ client: site().clientId, scopes: SCOPES, prompt: 'none', page });
    else state.set({ kind: 'out' });
  } catch (fault) {
    const reason = fault instanceof TypeError ? 'The server does not answer.' : text(fault);
    state.set({ kind: 'out', reason });
  }
}

function begin(granted: Granted, page: Page | undefined): void {
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
  if (now.kind !== 'in') return;
  const { granted } = now.session;
  writePage(granted);
  revokeLeaving(site().clientId, granted.refresh_token ?? granted.access_token);
}

/** Leaves for sign-in. */
export async function signIn(): Promise<void> {
  try {
    await leave({ client: site().clientId, scopes: SCOPES });
  } catch (fault) {
    const reason = fault instanceof TypeError ? 'The server does not answer.' : text(fault);
    state.set({ kind: 'out', reason });
  }
}

const text = (fault: unknown) => (fault instanceof Error ? fault.message : 'It did not work.');

/** Ends everything: here, the app's tokens, and the browser's session at the server. */
export async function signOut(reason = 'You are signed out.'): Promise<void> {
  const now = state.get();
  forget(reason);
  if (now.kind !== 'in') return;
  const { granted } = now.session;
  const ended = [
    revoke(site().clientId, granted.refresh_token ?? granted.access_token),
    endSession(site().clientId, granted.id_token),
  ];
  const results = await Promise.allSettled(ended);
  if (results.some((result) => result.status === 'rejected')) {
    const rest = 'The server did not answer: close the browser too.';
    state.set({ kind: 'out', reason: `You are signed out here. ${rest}` });
  }
}
