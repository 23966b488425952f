import { Fhir } from '../fhir/client.ts';
import { FhirError } from '../fhir/outcome.ts';
import { site } from '../shell/site.ts';
import { Store } from '../shell/store.ts';
import { arrive, BASE, endSession, type Granted, leave, refresh, revoke } from './smart.ts';

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
  state.set(reason ? { kind: 'out', reason } : { kind: 'out' });
}

/** Takes in whoever comes back from sign-in. */
export async function start(): Promise<void> {
  try {
    const granted = await arrive(site().clientId);
    state.set(granted ? { kind: 'in', session: new Session(granted) } : { kind: 'out' });
  } catch (fault) {
    const reason = fault instanceof TypeError ? 'The server does not answer.' : text(fault);
    state.set({ kind: 'out', reason });
  }
}

/** Leaves for sign-in. */
export async function signIn(): Promise<void> {
  try {
    await leave(site().clientId);
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
    endSession(),
  ];
  const results = await Promise.allSettled(ended);
  if (results.some((result) => result.status === 'rejected')) {
    const rest = 'The server did not answer: close the browser too.';
    state.set({ kind: 'out', reason: `You are signed out here. ${rest}` });
  }
}
