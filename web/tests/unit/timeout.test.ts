import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock, test } from 'node:test';

Object.assign(globalThis, {
  addEventListener: () => undefined,
  location: { pathname: '/', origin: '' },
  history: { replaceState: () => undefined },
});
Object.defineProperty(globalThis, 'navigator', { value: { onLine: true } });
const { Fhir, reach } = await import('../../src/fhir/client.ts');
const { refresh } = await import('../../src/session/smart.ts');

/** After how long a silence tests give up, in ms. */
const LATE_MS = 150;

/** Asks a server that answers in its own way. */
async function asking(answer: RequestListener, ask: (url: string) => Promise<void>) {
  const server = createServer(answer).listen(0);
  const { port } = server.address() as AddressInfo;
  await ask(`http://127.0.0.1:${port}`).finally(() => {
    server.closeAllConnections();
    server.close();
  });
}

test('a server that hangs is taken for lost', async () => {
  await asking(
    () => undefined,
    async (url) => {
      await assert.rejects(reach(url, {}, LATE_MS), { status: 0 });
      // Who gave up asking has not lost the connection.
      const own = AbortSignal.abort();
      await assert.rejects(reach(url, { signal: own }), { name: 'AbortError' });
    },
  );
});

test('a long letter on a slow line is read to its end', async () => {
  const pieces = ['{"resourceType":', '"Binary",', '"data":', '"AA', 'AA', '"', '}'];
  await asking(
    (_, response) => {
      const next = () => {
        const piece = pieces.shift();
        if (piece === undefined) return response.end();
        response.write(piece);
        setTimeout(next, LATE_MS / 3);
      };
      next();
    },
    async (url) => {
      const began = Date.now();
      const letter = await (await reach(url, {}, LATE_MS)).json();
      assert.deepEqual(letter, { resourceType: 'Binary', data: 'AAAA' });
      assert.ok(Date.now() - began > LATE_MS, 'it took longer than a silence may');
    },
  );
});

test('an answer that falls silent half way is none', async () => {
  await asking(
    (_, response) => response.write('{"resourceType":'),
    async (url) => {
      const response = await reach(url, {}, LATE_MS);
      await assert.rejects(response.text(), { name: 'TimeoutError' });
    },
  );
  // And one that breaks off is told as a lost connection.
  await asking(
    (_, response) => {
      response.write('{');
      setTimeout(() => response.destroy(), 20);
    },
    async (url) => {
      const fhir = new Fhir(url, { token: async () => '' });
      await assert.rejects(fhir.get('Patient/a'), { status: 0 });
    },
  );
});

test('a sign-in that hangs ends, and is no end of a session', async () => {
  const late = mock.method(AbortSignal, 'timeout', () => AbortSignal.abort());
  await assert.rejects(refresh('accord-web', 'token'), { name: 'Error', status: 0 });
  assert.deepEqual(late.mock.calls[0]?.arguments, [20_000]);
  late.mock.restore();
});
