import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Patient } from 'fhir/r4';
import type { Browser, Page } from 'playwright-core';
import { faultsOf, hold, open, openChart, signIn } from '../support/browser.ts';
import { NHS } from '../support/nhs.ts';
import { quiet } from '../support/quiet.ts';
import { Server } from '../support/server.ts';
import { staged } from '../support/stage.ts';

// Answers that come when whoever asked has typed something else, or has gone elsewhere.

let server: Server;
let browser: Browser;

staged(
  () => Server.start(),
  (...all) => {
    [browser, server] = all;
  },
);

async function stranger(family: string, number: string): Promise<void> {
  const token = server.token('Practitioner/dr-almond', 'registration', 'northgate-hospital');
  const patient: Patient = {
    resourceType: 'Patient',
    name: [{ use: 'official', family, given: ['Rue'] }],
    birthDate: '1972-03-09',
    identifier: [{ system: NHS, value: number }],
  };
  await server.as(token, 'POST', 'Patient', patient);
}

async function trace(page: Page, number: string): Promise<void> {
  await page.getByRole('button', { name: 'Trace somebody', exact: true }).click();
  await page.getByLabel('Birth date').fill('09/03/1972');
  await page.getByLabel('NHS No.', { exact: true }).fill(number);
  await page.getByRole('button', { name: 'Trace', exact: true }).click();
}

test('who does not fit what is typed now is not in the list', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await page.getByLabel('Find a patient').fill('quillmarrow');
  const link = page.getByRole('link', { name: /QUILLMARROW/ });
  await link.first().waitFor();
  const later = await hold(page, '**/fhir/Patient/_search', (form) => form.includes('nobodyhere'));
  await page.getByLabel('Find a patient').fill('nobodyhere');
  await later.asked;
  assert.equal(await link.count(), 0);
  later.go();
  await page.getByText('Nobody among those you may see.').waitFor();
  await context.close();
});

test('access that is granted late fetches nobody back from another chart', async () => {
  await stranger('Testpatient-Mayfly', '9434765919');
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await trace(page, '9434765919');
  await page.getByLabel('Reason').fill('asked to advise');
  const later = await hold(page, '**/$claim');
  await page.getByRole('button', { name: 'Take access for a day' }).click();
  await later.asked;
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const granted = page.waitForResponse('**/$claim');
  later.go();
  assert.equal((await granted).status(), 200);
  await quiet(page);
  const banner = page.getByRole('region', { name: 'Patient', exact: true });
  assert.match((await banner.textContent()) ?? '', /QUILLMARROW/);
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('who was traced is gone once something else is typed', async () => {
  await stranger('Testpatient-Caddisfly', '4010232137');
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await trace(page, '4010232137');
  await page.getByRole('button', { name: 'Take access for a day' }).waitFor();
  await page.getByLabel('Birth date').fill('10/03/1972');
  assert.equal(await page.getByRole('button', { name: 'Take access for a day' }).count(), 0);
  await context.close();
});

test('whether a chart is open is told, or that nobody knows', async () => {
  await stranger('Testpatient-Damselfly', '9434765870');
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await page.route(/fhir\/Patient\/[^_$]+$/, (route) => route.fulfill({ status: 500 }));
  await trace(page, '9434765870');
  await page.getByText('DAMSELFLY').waitFor();
  await page.getByRole('alert').getByText('The server failed').waitFor();
  await context.close();
});

test('a name that is corrected while it is looked up is registered as corrected', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'desk');
  await page.getByRole('button', { name: 'Register somebody' }).click();
  await page.getByLabel('Family name').fill('Testpatient-Drgaonfly');
  await page.getByLabel('Birth date').fill('3/2/1980');
  const later = await hold(page, '**/$match', (sent) => sent.includes('Drgaonfly'));
  const made: string[] = [];
  page.on('request', (r) => r.url().endsWith('/fhir/Patient') && made.push(r.postData() ?? ''));
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await later.asked;
  await page.getByLabel('Family name').fill('Testpatient-Dragonfly');
  const looked = page.waitForResponse('**/$match');
  later.go();
  await looked;
  await quiet(page);
  assert.deepEqual(made, []);
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByRole('heading', { name: /DRAGONFLY/ }).waitFor({ state: 'attached' });
  assert.equal(made.length, 1);
  await context.close();
});

test('without an answer nobody is told that it is sent again', async () => {
  await stranger('Testpatient-Lacewing', '9434765838');
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await trace(page, '9434765838');
  await page.getByLabel('Reason').fill('asked to advise');
  await page.route('**/$claim', (route) => route.abort());
  await page.getByRole('button', { name: 'Take access for a day' }).click();
  await page
    .getByRole('alert')
    .getByText(/may or may not have been done/)
    .waitFor();
  await page
    .getByText(/not sent again by itself/)
    .first()
    .waitFor();
  assert.equal(await page.getByLabel('Reason').inputValue(), 'asked to advise');
  await context.close();
});
