import assert from 'node:assert/strict';
import { test } from 'node:test';

type Heard = (event: { data: unknown }) => void;

/** The windows of a browser: each hears what the others say. */
class Bus {
  static all = new Set<Bus>();
  readonly heard = new Set<Heard>();
  constructor() {
    Bus.all.add(this);
  }
  postMessage(data: unknown) {
    for (const one of Bus.all) if (one !== this) for (const heard of one.heard) heard({ data });
  }
  addEventListener(_: string, heard: Heard) {
    this.heard.add(heard);
  }
  removeEventListener(_: string, heard: Heard) {
    this.heard.delete(heard);
  }
}

const stored = new Map<string, string>();
const ORIGIN = 'http://test.invalid';
Object.assign(globalThis, {
  BroadcastChannel: Bus,
  addEventListener: () => undefined,
  location: { pathname: '/signed-in', search: '?code=c&state=s', origin: ORIGIN },
  history: { replaceState: () => undefined },
  sessionStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  },
});

const { hasAnother, whenTold } = await import('../../src/session/windows.ts');
const { leaveWindow, start, state } = await import('../../src/session/session.ts');

const claims = { sub: 'alder', accord_role: 'clinician', accord_org: 'o' };
const TOKEN = `.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
const ALDER = 'alder clinician o';
const another = new Bus();
const asked: string[] = [];

/** A server that grants, and what happens in other windows before it does. */
function server(meanwhile: () => void): void {
  const endpoints = {
    token_endpoint: `${ORIGIN}/token`,
    revocation_endpoint: `${ORIGIN}/revoke`,
    end_session_endpoint: `${ORIGIN}/end`,
  };
  const granted = { access_token: TOKEN, refresh_token: 'r', id_token: TOKEN, scope: '' };
  globalThis.fetch = (async (url: string) => {
    const path = new URL(url).pathname;
    asked.push(path);
    if (path === '/token') meanwhile();
    if (path === '/end') return { type: 'opaqueredirect' };
    const json = path === '/token' ? granted : endpoints;
    return { ok: true, json: async () => json };
  }) as unknown as typeof fetch;
}

async function begin(meanwhile = () => {}): Promise<string> {
  const pending = { state: 's', verifier: 'v', client: 'accord-web' };
  stored.set('accord.sign-in', JSON.stringify(pending));
  state.set({ kind: 'starting' });
  server(meanwhile);
  await start();
  asked.length = 0;
  return state.get().kind;
}

test('what another person does in another window is none of this one', async () => {
  assert.equal(await begin(), 'in');
  another.postMessage({ word: 'out', person: 'nurse clinician o' });
  assert.equal(state.get().kind, 'in');
  another.postMessage({ word: 'out', person: ALDER });
  assert.deepEqual(state.get(), { kind: 'out', reason: 'You signed out in another window.' });
});

test('a wall that ends takes nobody from their work in another window', async () => {
  assert.equal(await begin(), 'in');
  const told: string[] = [];
  const answer: Heard = ({ data }) => {
    const { word, person } = data as { word: string; person: string };
    told.push(word);
    if (word === 'who lives?') another.postMessage({ word: 'I do', person });
  };
  another.addEventListener('message', answer);
  await leaveWindow('The hours are over.');
  assert.deepEqual(told, ['who lives?']);
  assert.ok(asked.includes('/revoke') && !asked.includes('/end'), asked.join());
  assert.deepEqual(state.get(), { kind: 'out', reason: 'The hours are over.' });
  // The page that goes with it does not say why in other words.
  await leaveWindow('Sign in to leave.');
  assert.deepEqual(state.get(), { kind: 'out', reason: 'The hours are over.' });
  another.removeEventListener('message', answer);
  // The last window ends the session as well.
  assert.equal(await begin(), 'in');
  await leaveWindow('The hours are over.');
  assert.ok(asked.includes('/revoke') && asked.includes('/end'), asked.join());
});

test('a window says that it lives, to its own person alone', async () => {
  assert.equal(await hasAnother(ALDER), false);
  assert.equal(await begin(), 'in');
  const said: string[] = [];
  another.addEventListener('message', ({ data }) => said.push((data as { word: string }).word));
  another.postMessage({ word: 'who lives?', person: 'nurse clinician o' });
  assert.deepEqual(said, []);
  another.postMessage({ word: 'who lives?', person: ALDER });
  assert.deepEqual([...new Set(said)], ['I do']);
  const deaf = whenTold('used', () => assert.fail('it does not hear any more'));
  deaf();
  another.postMessage({ word: 'used', person: ALDER });
});

test('who signed out elsewhere while this window began is not signed in here', async () => {
  const out = () => another.postMessage({ word: 'out', person: ALDER });
  assert.equal(await begin(out), 'out');
});
