import { mkdirSync, statSync } from 'node:fs';
import { before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { open, openChart, signIn } from '../support/browser.ts';
import { quiet } from '../support/quiet.ts';
import { seal } from '../support/seal.ts';
import { Server } from '../support/server.ts';
import { staged } from '../support/stage.ts';

// Pictures of every screen for the guide: `npm run screenshots`.

const FOLDER = '../docs/screens';
const MOST_BYTES = 150_000;

let server: Server;
let browser: Browser;

staged(
  () => Server.start(),
  (...all) => {
    [browser, server] = all;
  },
);

before(async () => {
  mkdirSync(FOLDER, { recursive: true });
});

async function picture(page: Page, name: string): Promise<void> {
  await quiet(page);
  const path = `${FOLDER}/${name}.png`;
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${name}.png has ${size} bytes`);
}

const section = (page: Page, name: string) =>
  page
    .getByRole('navigation', { name: 'Sections of the chart' })
    .getByRole('link', { name })
    .click();

test('the screens of a clinician', async () => {
  const [context, page] = await open(browser);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await picture(page, 'sign-in');
  await signIn(page, server, 'alder');
  await picture(page, 'find');
  await page.getByLabel('Find a patient').fill('test');
  await page.getByRole('region', { name: 'Found' }).waitFor();
  await picture(page, 'found');
  await openChart(page, 'wemwold', /WEMWOLD/);
  await picture(page, 'chart-summary');
  for (const name of ['Problems', 'Medicines']) {
    await section(page, name);
    await picture(page, `chart-${name.toLowerCase()}`);
  }
  await page.getByRole('link', { name: 'Patients' }).click();
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  for (const name of ['Visits', 'Timeline']) {
    await section(page, name);
    await picture(page, `chart-${name.toLowerCase()}`);
  }
  await section(page, 'Documents');
  await page.getByRole('listitem').getByRole('button').first().click();
  await picture(page, 'chart-documents');
  await section(page, 'Results');
  await page.getByRole('rowheader').getByRole('button').first().click();
  await page.getByRole('region', { name: /^Values of/ }).waitFor();
  await picture(page, 'chart-results');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('vis');
  await picture(page, 'palette');
  await context.close();
});

test('access that is not there yet', async () => {
  await traced();
  await seal(server, 'pat-willow', 'DocumentReference');
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await page.getByRole('button', { name: 'Break the glass …' }).click();
  await picture(page, 'break-glass');
  await context.close();
});

test('dark, and on a telephone', async () => {
  const [context, page] = await open(browser, { dark: true });
  await signIn(page, server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await picture(page, 'chart-summary-dark');
  await context.close();
  const [small, narrow] = await open(browser, { width: 320, height: 640 });
  await signIn(narrow, server, 'alder');
  await picture(narrow, 'find-narrow');
  await openChart(narrow, 'quillmarrow', /QUILLMARROW/);
  await picture(narrow, 'chart-narrow');
  await small.close();
});

/** Somebody found by tracing, and what may follow. */
async function traced(): Promise<void> {
  const desk = server.token('Practitioner/dr-almond', 'registration', 'northgate-hospital');
  await server.as(desk, 'POST', 'Patient', {
    resourceType: 'Patient',
    name: [{ use: 'official', family: 'Testpatient-Alderfly', given: ['Rue'] }],
    gender: 'female',
    birthDate: '1972-03-09',
    identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9434765919' }],
  });
  const [context, page] = await open(browser, { height: 820 });
  await signIn(page, server, 'alder');
  await page.getByRole('button', { name: 'Trace somebody', exact: true }).click();
  await page.getByLabel('Birth date').fill('9/3/1972');
  await page.getByLabel('NHS No.', { exact: true }).fill('943 476 5919');
  await page.getByRole('button', { name: 'Trace', exact: true }).click();
  await page.getByRole('button', { name: 'Take access for a day' }).waitFor();
  await picture(page, 'trace');
  await context.close();
}
