import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Patient } from 'fhir/r4';
import type { Browser, Page } from 'playwright-core';
import { rowOf } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { faultsOf, open } from '../support/browser.ts';
import { Keys } from '../support/keys.ts';
import { NHS } from '../support/nhs.ts';
import { seal } from '../support/seal.ts';
import { staged } from '../support/stage.ts';

// Every way of the other journeys once more, without a mouse; no `click`, `fill` or `check` below.

let world: World;
let browser: Browser;

staged(
  () => World.start(6),
  (...all) => {
    [browser, world] = all;
  },
);

/** Somebody at the pages with nothing but keys. */
async function sit(login: string): Promise<[Page, Keys, () => Promise<void>]> {
  const [context, page] = await open(browser);
  const keys = new Keys(page);
  await keys.signIn(world.server, login);
  const rise = async () => {
    assert.deepEqual(faultsOf(page), []);
    await context.close();
  };
  return [page, keys, rise];
}

const banner = (page: Page) => page.getByRole('region', { name: 'Patient', exact: true });
/** Somebody whom Northgate has on record, and whom nobody there treats. */
async function stranger(family: string, value: string): Promise<void> {
  const token = world.server.token('Practitioner/dr-almond', 'registration', 'northgate-hospital');
  const patient: Patient = {
    resourceType: 'Patient',
    name: [{ use: 'official', family, given: ['Rue'] }],
    gender: 'female',
    birthDate: '1972-03-09',
    identifier: [{ system: NHS, value }],
  };
  await world.server.as(token, 'POST', 'Patient', patient);
}

test('finding somebody, reading the chart, signing out', async () => {
  const [page, keys, rise] = await sit('alder');
  await keys.type(/Find a patient/, 'quillmarrow');
  await keys.enter(/QUILLMARROW/);
  await page.getByRole('heading', { name: 'Active problems' }).waitFor();
  for (const name of ['Problems', 'Medicines', 'Results', 'Documents', 'Visits', 'Timeline']) {
    await keys.enter(new RegExp(`^${name}$`));
    await page.getByRole('heading', { name: new RegExp(`^${name}`), level: 2 }).waitFor();
  }
  await keys.enter(/^You:/);
  await page.getByRole('menu').waitFor();
  for (let i = 0; i < 8; i += 1) {
    await page.keyboard.press('ArrowDown');
    const on = await page.evaluate(() => document.activeElement?.textContent);
    if (on === 'Sign out') break;
  }
  await page.keyboard.press('Enter');
  await page.getByText('You are signed out.').waitFor();
  await rise();
});

test('tracing somebody, and taking access with a reason', async () => {
  await stranger('Testpatient-Alderfly', '9434765919');
  const [page, keys, rise] = await sit('alder');
  await keys.enter(/^Trace somebody/);
  await keys.type(/^Birth date/, '9/3/1972');
  await keys.type(/^NHS No\./, '9434765919');
  await keys.enter(/^Trace$/);
  await page.getByText('TESTPATIENT-ALDERFLY').waitFor();
  await keys.type(/^Reason/, 'asked to advise');
  await keys.enter(/^Take access for a day/);
  await banner(page).getByText('Access taken by you').waitFor();
  await rise();
});

test('breaking the glass for what is sealed', async () => {
  await seal(world.server, 'pat-willow', 'DocumentReference');
  const [page, keys, rise] = await sit('alder');
  await keys.type(/Find a patient/, 'quillmarrow');
  await keys.enter(/QUILLMARROW/);
  await page.getByText(/entries are sealed/).waitFor();
  await keys.enter(/^Break the glass …/);
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys.enter(/^Break the glass …/);
  await keys.type(/^Reason/, 'unconscious on arrival');
  await keys.enter(/^Break the glass$/);
  await banner(page).getByText('Emergency access until').waitFor();
  await rise();
});

test('registering somebody at the desk', async () => {
  const [page, keys, rise] = await sit('desk');
  await keys.enter(/^Register somebody/);
  await keys.type(/^Family name/, 'Testpatient-Rowanberry');
  await keys.type(/^Given names/, 'Newcomer');
  await keys.type(/^Birth date/, '3/2/1980');
  await keys.to(/^Gender/);
  await page.keyboard.type('F');
  await keys.enter(/^Register$/);
  await banner(page).getByText('TESTPATIENT-ROWANBERRY, Newcomer').waitFor();
  await rise();
});

test('from arrival to the end of an attendance', async () => {
  const [page, keys, rise] = await sit('nurse');
  await keys.enter(/^Emergency board/);
  await page.getByText('● Live').waitFor();
  await keys.enter(/^New arrival/);
  const { typed, family } = world.somebody();
  await keys.type(/^Who is it/, typed);
  await keys.enter(new RegExp(family, 'i'));
  await keys.to(/How did they come/);
  await page.keyboard.press('ArrowDown');
  await keys.type(/^What is wrong/, 'Keys alone');
  await keys.enter(/^Record the arrival/);
  await page.getByText('The arrival is recorded.').waitFor();
  await keys.enter(/^Assess/);
  await keys.type(/^Respiration rate/, '18');
  await keys.type(/^Oxygen saturation/, '97');
  await keys.to(/^Air or oxygen/);
  await page.keyboard.type('Air');
  await keys.type(/systolic/, '124');
  await keys.type(/diastolic/, '78');
  await keys.type(/^Pulse/, '260');
  await page.getByText(/measure again/).waitFor();
  await keys.tick(/^Measured again/);
  await keys.choose(/\(Consciousness\)/, /^Alert/);
  await keys.type(/^Temperature/, '36.9');
  await keys.choose(/\(Or choose\)/, /Urgent/);
  await keys.tick(/^Suspected sepsis/);
  await keys.type(/^Note/, 'Seen by nobody yet.');
  await keys.enter(/^Store assessment/);
  await page.getByText('The assessment is stored.').waitFor();
  await keys.enter(/^Treatment begins/);
  await page.getByRole('button', { name: 'Treatment begins' }).waitFor({ state: 'detached' });
  await keys.enter(/^End the attendance/);
  await page.getByRole('dialog').waitFor();
  await keys.choose(/How does it end/, /Went home/);
  await keys.enter(/^Go on/);
  await keys.enter(/^End the attendance now/);
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
  await rowOf(page, 'Keys alone').waitFor({ state: 'detached' });
  await rise();
});

test('the board: from row to row, filters, order, and what was typed while the server was away', async () => {
  const [page, keys, rise] = await sit('nurse');
  await keys.enter(/^Emergency board/);
  await page.getByText('● Live').waitFor();
  await keys.enter(/^Overdue/);
  await page.getByRole('button', { name: /^Overdue/, pressed: true }).waitFor();
  await keys.enter(/^Overdue/);
  await keys.to(/^Who acts/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  const first = page.getByRole('rowheader').getByRole('link').first();
  await keys.to(new RegExp(((await first.textContent()) ?? '').replace(/[()]/g, '.')));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  // Whoever works in the table keeps the rows in their places.
  await world.arrive('Came meanwhile');
  await page.getByText(/Rows stay while you point at them: 1 new/).waitFor();
  // Whoever leaves the table has them put in order.
  await keys.to(/^Who acts/, 'Shift+Tab');
  await page.getByText(/Rows stay while you point/).waitFor({ state: 'detached' });
  await rowOf(page, 'Came meanwhile').waitFor();
  await world.server.halt();
  await page.getByText('Not live.').waitFor();
  await world.server.resume();
  await page.getByText('● Live').waitFor({ timeout: 30_000 });
  await rise();
});

test('the wall screen, and the way back', async () => {
  const [page, keys, rise] = await sit('nurse');
  await keys.enter(/^Emergency board/);
  await keys.enter(/^Wall screen/);
  await page.getByRole('listitem').first().waitFor();
  await keys.tick(/^Show names/);
  await page.getByText(/Names are shown for a minute/).waitFor();
  await keys.tick(/^Show names/);
  await keys.enter(/^Leave/);
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
  await rise();
});
