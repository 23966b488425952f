import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock, test } from 'node:test';

Object.assign(globalThis, { addEventListener: () => undefined });
const { reach } = await import('../../src/fhir/client.ts');

test('a server that hangs is taken for lost', async () => {
  const server = createServer(() => undefined).listen(0);
  const { port } = server.address() as AddressInfo;
  const late = mock.method(AbortSignal, 'timeout', () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException('late', 'TimeoutError')), 50);
    return controller.signal;
  });
  await assert.rejects(reach(`http://127.0.0.1:${port}`, {}), { status: 0 });
  assert.deepEqual(late.mock.calls[0]?.arguments, [20_000]);
  // Who gave up asking has not lost the connection.
  const own = AbortSignal.abort();
  await assert.rejects(reach(`http://127.0.0.1:${port}`, { signal: own }), { name: 'AbortError' });
  server.closeAllConnections();
  server.close();
});
