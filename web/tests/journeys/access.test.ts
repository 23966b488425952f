import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Patient } from 'fhir/r4';
import type { Browser, Page } from 'playwright-core';
import { enter, faultsOf, open, openChart, signIn, violations } from '../support/browser.ts';
import { NHS } from '../support/nhs.ts';
import { seal } from '../support/seal.ts';
import { Server } from '../support/server.ts';
import { staged } from '../support/stage.ts';

// Ways to people whose charts are not open yet, and what opens them.

let server: Server;
let browser: Browser;

staged(
  () => Server.start(),
  (...all) => {
    [browser, server] = all;
  },
);

/** Somebody whom Northgate has on record, and whom nobody there treats. */
async function stranger(family: string, number: string): Promise<Patient> {
  const token = server.token('Practitioner/dr-almond', 'registration', 'northgate-hospital');
  return (await server.as(token, 'POST', 'Patient', {
    resourceType: 'Patient',
    name: [{ use: 'official', family, given: ['Rue'] }],
    gender: 'female',
    birthDate: '1972-03-09',
    identifier: [{ system: NHS, value: number }],
  })) as Patient;
}

const numberOf = (patient: Patient) =>
  patient.identifier?.find((i) => i.system === NHS)?.value ?? '';

async function trace(page: Page, patient: Patient): Promise<void> {
  await page.getByRole('button', { name: 'Trace somebody', exact: true }).click();
  await page
    .getByLabel('Birth date')
    .fill((patient.birthDate ?? '').split('-').reverse().join('/'));
  await page.getByLabel('NHS No.', { exact: true }).fill(numberOf(patient));
  await page.getByRole('button', { name: 'Trace', exact: true }).click();
}

const banner = (page: Page) => page.getByRole('region', { name: 'Patient', exact: true });

test('somebody else is traced, and access is claimed with a reason', async () => {
  const patient = await stranger('Testpatient-Alderfly', '9434765919');
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await page.getByLabel('Find a patient').fill(numberOf(patient));
  await page.getByText('Nobody among those you may see.').waitFor();
  await trace(page, patient);
  const family = patient.name?.[0]?.family?.toUpperCase() ?? '?';
  await page.getByText(family).waitFor();
  assert.deepEqual(await violations(page), [], 'traced');
  await page.getByRole('button', { name: 'Take access for a day' }).click();
  await page.getByText('A reason in words is needed').waitFor();
  await page.getByLabel('Reason').fill('asked to advise');
  await page.getByRole('button', { name: 'Take access for a day' }).click();
  await banner(page).getByText('Access taken by you').waitFor();
  await banner(page).getByText(family).waitFor();
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('the glass is broken for somebody who came unconscious', async () => {
  const patient = await stranger('Testpatient-Stonefly', '4010232137');
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await trace(page, patient);
  await page.getByLabel(/It is an emergency/).check();
  await page.getByLabel('Reason').fill('unconscious on arrival');
  await page.getByRole('button', { name: 'Break the glass' }).click();
  await banner(page).getByText('Emergency access until').waitFor();
  await context.close();
});

test('what is sealed is known by its marker, and opened in an emergency', async () => {
  await seal(server, 'pat-willow', 'DocumentReference');
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await page.getByText(/entries are sealed/).waitFor();
  assert.deepEqual(await violations(page), [], 'sealed');
  await page.getByRole('link', { name: 'Documents', exact: true }).click();
  await page.getByText('Sealed document').first().waitFor();
  await page.getByRole('button', { name: 'Break the glass …' }).click();
  await page.getByLabel('Reason').fill('unconscious on arrival');
  assert.deepEqual(await violations(page), [], 'break the glass');
  await page.getByRole('button', { name: 'Break the glass', exact: true }).click();
  await banner(page).getByText('Emergency access until').waitFor();
  await page.getByText(/entries are sealed/).waitFor({ state: 'detached' });
  assert.equal(await page.getByText('Sealed document').count(), 0);
  await context.close();
});

test('the desk registers somebody, and is told of somebody like them', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'desk');
  const fill = async (family: string) => {
    await page.getByRole('button', { name: 'Register somebody' }).click();
    await page.getByLabel('Family name').fill(family);
    await page.getByLabel('Given names').fill('Newcomer');
    await page.getByLabel('Birth date').fill('3/2/1980');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
  };
  await fill('Testpatient-Elderberry');
  await banner(page).getByText('TESTPATIENT-ELDERBERRY, Newcomer').waitFor();
  await page.getByRole('link', { name: 'Patients' }).click();
  await fill('Testpatient-Elderberry');
  await page.getByRole('heading', { name: 'Is it one of these?' }).waitFor();
  assert.deepEqual(await violations(page), [], 'registering');
  await context.close();
});

test('a record that another took the place of says so, and leads there', async () => {
  const old = await stranger('Testpatient-Antlion', '9434765846');
  const kept = await stranger('Testpatient-Owlfly', '9434765854');
  const desk = server.token('Practitioner/dr-almond', 'registration', 'northgate-hospital');
  const reference = (name: string, { id }: Patient) => ({
    name,
    valueReference: { reference: `Patient/${id}` },
  });
  await server.as(desk, 'POST', 'Patient/$merge', {
    resourceType: 'Parameters',
    parameter: [reference('source-patient', old), reference('target-patient', kept)],
  });
  const [context, page] = await open(browser);
  await signIn(page, server, 'desk');
  await page.getByLabel('Find a patient').fill('antlion');
  await page.getByRole('link', { name: /ANTLION.*Out of use/ }).click();
  await banner(page).getByText('Out of use, replaced by').waitFor();
  assert.deepEqual(await violations(page), [], 'out of use');
  await banner(page).getByRole('link', { name: 'another record' }).click();
  await banner(page).getByText('TESTPATIENT-OWLFLY').waitFor();
  assert.equal(await banner(page).getByText('Out of use').count(), 0);
  await context.close();
});

test('who is here is listed, whoever keeps their details', async () => {
  const desk = server.token('Practitioner/dr-almond', 'registration', 'northgate-hospital');
  await server.as(desk, 'POST', 'Encounter', {
    resourceType: 'Encounter',
    status: 'arrived',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'EMER' },
    subject: { reference: 'Patient/pat-rowan' },
    period: { start: new Date().toISOString() },
    reasonCode: [{ text: 'Fell from a ladder' }],
    serviceProvider: { reference: 'Organization/northgate-hospital' },
  });
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await page
    .getByRole('link', { name: /kept by another organisation.*Fell from a ladder/ })
    .click();
  await banner(page).getByText('Details kept by another organisation').waitFor();
  assert.deepEqual(await violations(page), [], 'kept elsewhere');
  await context.close();
});

test('who has no pages is told so', async () => {
  const [context, page] = await open(browser);
  await enter(page, server, 'sorrel');
  await page.getByRole('heading', { name: 'There are no pages for your role yet' }).waitFor();
  await page.getByText('Administrator · Northgate General Hospital').waitFor();
  await context.close();
});
