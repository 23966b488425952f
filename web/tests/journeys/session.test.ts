import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser } from 'playwright-core';
import { faultsOf, open, openChart, signIn, violations } from '../support/browser.ts';
import { quiet } from '../support/quiet.ts';
import { PASSWORD, Server } from '../support/server.ts';
import { staged } from '../support/stage.ts';

// What time does to a session, and how long a record may be.

let server: Server;
let browser: Browser;

staged(
  () => Server.start(),
  (...all) => {
    [browser, server] = all;
  },
);

test('a token that has ended is replaced, once for all who wait', async () => {
  const [context, page] = await open(browser);
  await page.clock.install();
  await signIn(page, server, 'alder');
  const bodies: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/auth/token')) bodies.push(request.postData() ?? '');
  });
  await page.clock.fastForward('10:00');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  assert.deepEqual(
    bodies.map((body) => new URLSearchParams(body).get('grant_type')),
    ['refresh_token'],
  );
  await context.close();
});

test('a server that is busy for a moment signs nobody out', async () => {
  const [context, page] = await open(browser);
  await page.clock.install();
  await signIn(page, server, 'alder');
  let now = 502;
  await page.route('**/auth/token', (route) => route.fulfill({ status: now, body: 'busy' }));
  await page.clock.fastForward('10:00');
  for (const status of [502, 503, 429]) {
    now = status;
    // An alert of the status before may still stand: what counts is the answer to this one.
    const refused = page.waitForResponse(
      (response) => response.url().endsWith('/auth/token') && response.status() === status,
    );
    await page.getByLabel('Find a patient').fill(`quill${status}`);
    await refused;
    await page.getByRole('alert').first().waitFor();
    await quiet(page);
    assert.equal(await page.getByRole('button', { name: 'Sign in' }).count(), 0, `${status}`);
  }
  await page.unroute('**/auth/token');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await context.close();
});

test('a window that nobody uses announces its end, and signs out', async () => {
  const [context, page] = await open(browser);
  await page.clock.install();
  await signIn(page, server, 'alder');
  await page.clock.fastForward('14:30');
  await page.getByRole('dialog', { name: 'Still there?' }).waitFor();
  assert.deepEqual(await violations(page), [], 'warning');
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.clock.fastForward('15:01');
  await page.getByText('You were signed out after 15 minutes without use.').waitFor();
  assert.equal(await page.getByRole('link').count(), 0);
  await context.close();
});

test('who does not allow the app comes back to a page that says so', async () => {
  const [context, page] = await open(browser);
  await page.route('**/site.json', (route) => route.fulfill({ json: { clientId: 'other-app' } }));
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#login').fill('alder');
  await page.locator('#password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Do not allow' }).click();
  await page.getByText('The sign-in was not allowed. Nothing was opened.').waitFor();
  // A code that this window did not ask for opens nothing either.
  await page.goto(`${server.url}/signed-in?code=stolen&state=guessed`);
  await page.getByText('This sign-in was not begun in this window.').waitFor();
  assert.equal(new URL(page.url()).search, '');
  await context.close();
});

test('the chart of a long record stands after one request', async (t) => {
  const system = server.system();
  for (let page = 0; page < 5; page++) await server.as(system, 'POST', '', observations(page));
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await page.getByLabel('Find a patient').fill('quillmarrow');
  const link = page.getByRole('link', { name: /QUILLMARROW/ });
  await link.waitFor();
  const begun = performance.now();
  await link.click();
  await page.getByRole('heading', { name: 'Active problems' }).waitFor();
  t.diagnostic(
    `first screen of 5,000 observations more: ${Math.round(performance.now() - begun)} ms`,
  );
  const again = performance.now();
  await page.getByRole('link', { name: 'Results', exact: true }).click();
  await page.getByText(/The record is very long/).waitFor();
  t.diagnostic(`its results: ${Math.round(performance.now() - again)} ms`);
  await page.getByRole('button', { name: 'Potassium' }).click();
  await page.getByRole('button', { name: /Show more \(100 of/ }).click();
  await page.getByRole('button', { name: /Show more \(200 of/ }).waitFor();
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

/** A thousand measurements of potassium, an hour apart. */
function observations(page: number): unknown {
  const entry = Array.from({ length: 1000 }, (_, i) => ({
    request: { method: 'POST', url: 'Observation' },
    resource: {
      resourceType: 'Observation',
      status: 'final',
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/observation-category',
              code: 'laboratory',
            },
          ],
        },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: '2823-3', display: 'Potassium' }] },
      subject: { reference: 'Patient/pat-willow' },
      effectiveDateTime: new Date(1_700_000_000_000 + (page * 1000 + i) * 3_600_000).toISOString(),
      performer: [{ reference: 'Organization/northgate-hospital' }],
      valueQuantity: { value: 4 + (i % 10) / 10, unit: 'mmol/L' },
    },
  }));
  return { resourceType: 'Bundle', type: 'transaction', entry };
}
