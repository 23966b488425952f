import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser } from 'playwright-core';
import { open, openChart, signIn } from '../support/browser.ts';
import { Server } from '../support/server.ts';
import { staged } from '../support/stage.ts';

// A chart that stays open: it is loaded again by itself, and says when it could not be.

let server: Server;
let browser: Browser;

staged(
  () => Server.start(),
  (...all) => {
    [browser, server] = all;
  },
);

async function allergic(to: string): Promise<void> {
  await server.as(server.system(), 'POST', 'AllergyIntolerance', {
    resourceType: 'AllergyIntolerance',
    clinicalStatus: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
          code: 'active',
        },
      ],
    },
    code: { text: to },
    patient: { reference: 'Patient/pat-willow' },
  });
}

async function problem(text: string): Promise<void> {
  const clinical = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
  await server.as(server.system(), 'POST', 'Condition', {
    resourceType: 'Condition',
    clinicalStatus: { coding: [{ system: clinical, code: 'active' }] },
    code: { text },
    subject: { reference: 'Patient/pat-willow' },
  });
}

async function flagged(status: string, text: string): Promise<void> {
  await server.as(server.system(), 'POST', 'Flag', {
    resourceType: 'Flag',
    status,
    code: { text },
    subject: { reference: 'Patient/pat-willow' },
  });
}

test('an open chart shows at once what others write', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const banner = page.getByRole('region', { name: 'Patient', exact: true });
  await page.getByText('● Live').waitFor();
  assert.equal(await page.getByText(/could not be loaded/).count(), 0);
  await flagged('active', 'Carries resistant germs');
  await flagged('inactive', 'Carried them once');
  await banner.getByText('Carries resistant germs').waitFor({ timeout: 5_000 });
  assert.equal(await banner.getByText('Carried them once').count(), 0);
  await allergic('Latex');
  await banner.getByText('Latex').waitFor({ timeout: 5_000 });
  await page.getByRole('link', { name: /^Problems/ }).click();
  await page.getByRole('heading', { name: /^Problems/ }).waitFor();
  await problem('Sprained wrist');
  await page.getByText('Sprained wrist').first().waitFor({ timeout: 5_000 });
  await context.close();
});

test('a chart that is told of nothing asks, and says when it no longer can', async () => {
  const [context, page] = await open(browser);
  await page.clock.install();
  await page.route('**/fhir/$live*', (route) => route.fulfill({ status: 404 }));
  await signIn(page, server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const banner = page.getByRole('region', { name: 'Patient', exact: true });
  await page
    .getByText(/^As of \d\d:\d\d$/)
    .first()
    .waitFor();
  await allergic('Chlorhexidine');
  await page.clock.runFor(61_000);
  await banner.getByText('Chlorhexidine').waitFor();

  // A server that fails takes away neither what is there nor the knowledge of its age.
  await page.route('**/fhir', (route) => route.fulfill({ status: 500 }));
  await page.clock.runFor(61_000);
  await page.getByText('Could not be loaded again.').waitFor();
  assert.ok(await banner.getByText('Chlorhexidine').isVisible());
  await allergic('Iodine');
  await page.unroute('**/fhir');
  await page.getByRole('button', { name: 'Load again' }).click();
  await banner.getByText('Iodine').waitFor();
  await page.getByText('Could not be loaded again.').waitFor({ state: 'detached' });
  await context.close();
});
