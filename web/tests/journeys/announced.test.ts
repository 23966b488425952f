import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openForm, rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { faultsOf, open, violations } from '../support/browser.ts';
import { staged } from '../support/stage.ts';

// Attendances that begin on the road, are entered later, or never were: the whole way to the server.

let world: World;
let browser: Browser;

staged(
  () => World.start(3),
  (...all) => {
    [browser, world] = all;
  },
);

/** A time of the clock so many minutes from now, as the page's own clock shows it. */
const clock = (page: Page, minutes: number) =>
  page.evaluate((from) => {
    const at = new Date(Date.now() + from * 60_000);
    return [at.getHours(), at.getMinutes()].map((n) => String(n).padStart(2, '0')).join(':');
  }, minutes);

async function announce(page: Page, complaint: string): Promise<void> {
  await page.getByRole('link', { name: 'New arrival' }).click();
  const { typed, family } = world.somebody();
  await page.getByLabel('Who is it?').fill(typed);
  await page.getByRole('button', { name: new RegExp(family, 'i') }).click();
  await page.getByLabel('How did they come?').selectOption('pre-alert');
  // Whoever sends it without is at the field that is refused, which says why.
  await page.getByRole('button', { name: 'Record that they are expected' }).click();
  const wrong = page.getByLabel('What is wrong');
  await wrong.and(page.locator('[aria-invalid="true"]:focus')).waitFor();
  assert.deepEqual(await violations(page), [], 'refused');
  await wrong.fill(complaint);
  await page.getByLabel('Expected at').fill(await clock(page, 20));
  await page.getByRole('button', { name: 'Record that they are expected' }).click();
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
}

test('who is announced is expected, and has arrived or did not come', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const expected = page.getByRole('region', { name: 'Expected' });
  await announce(page, 'Stroke on the road');
  const stroke = expected.getByRole('listitem').filter({ hasText: 'Stroke on the road' });
  await stroke.getByText(/in (19|20) min/).waitFor();
  assert.equal(await rowOf(page, 'Stroke on the road').count(), 0, 'among those who are here');
  await announce(page, 'Called off');
  const off = expected.getByRole('listitem').filter({ hasText: 'Called off' });
  assert.deepEqual(await violations(page), [], 'two expected');
  // A row that came under the finger is not the one that was pressed.
  await off.dispatchEvent('pointerdown');
  const came = stroke.getByRole('button', { name: /^Has arrived/ });
  await came.dispatchEvent('click', { detail: 1, button: 0 });
  await off.getByRole('button', { name: /^Has arrived/ }).click();
  await off.getByRole('button', { name: /^Yes, has arrived/ }).waitFor();
  assert.equal(await stroke.getByRole('button', { name: /^Yes/ }).count(), 0);
  await off.getByRole('button', { name: /^No\b/ }).click();
  await off.getByRole('button', { name: /^Did not come/ }).click();
  // There is a way back, by the button and by going elsewhere; a double click is one click.
  await off.getByRole('button', { name: /^No\b/ }).click();
  await off.getByRole('button', { name: /^Did not come/ }).dblclick();
  await off.getByRole('button', { name: /^Yes, did not come/ }).waitFor();
  await page.getByRole('link', { name: 'New arrival' }).focus();
  await off.getByRole('button', { name: /^Did not come/ }).click();
  await off.getByRole('button', { name: /^Yes, did not come/ }).click();
  await off.waitFor({ state: 'detached' });
  await stroke.getByRole('button', { name: /^Has arrived/ }).click();
  await stroke.getByRole('button', { name: /^Yes, has arrived/ }).click();
  await rowOf(page, 'Stroke on the road')
    .getByText(/ambulance/)
    .waitFor();
  await expected.waitFor({ state: 'detached' });
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('a sheet is entered for when it was, a flag ends, and what never was is taken back', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  await world.arrive('From the sheet', 60);
  await openForm(page, 'From the sheet');
  await page.getByRole('radio', { name: /Urgent$/ }).check();
  await page.getByLabel('Suspected sepsis').check();
  await page.getByLabel(/^When it was/).fill(await clock(page, -30));
  await page.getByRole('button', { name: 'Store assessment' }).click();
  await page.getByText('More than 10 minutes ago: say why it is entered only now.').waitFor();
  await page.getByLabel(/^Why it is entered only now/).fill('The server was away.');
  await page.getByRole('button', { name: 'Store assessment' }).click();
  await page.getByRole('heading', { name: 'Attendance', exact: true }).waitFor();
  const stored = (await world.as(
    'GET',
    'Observation?code=urn:accord:observation|acuity&_sort=-_lastUpdated&_count=1',
  )) as {
    entry: { resource: { effectiveDateTime: string } }[];
  };
  const ago = Date.now() - Date.parse(stored.entry[0]?.resource.effectiveDateTime ?? '');
  assert.ok(ago > 29 * 60_000 && ago < 35 * 60_000, `${ago / 60_000} minutes`);
  await page.getByRole('button', { name: /^Assess/ }).click();
  await page.getByLabel(/Suspected sepsis.*flagged before/).uncheck();
  await page.getByRole('button', { name: 'Store assessment' }).click();
  await page.getByRole('heading', { name: 'Attendance', exact: true }).waitFor();
  await page.getByRole('button', { name: 'End the attendance' }).click();
  await page.getByText('Registered in error').click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'End the attendance now' }).click();
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
  await rowOf(page, 'From the sheet').waitFor({ state: 'detached' });
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('what is said of who is expected and is lost says so, and a wall names nobody', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const expected = page.getByRole('region', { name: 'Expected' });
  await announce(page, 'Burn on the road');
  const burn = expected.getByRole('listitem').filter({ hasText: 'Burn on the road' });
  const name = (await burn.locator('bdi').first().textContent()) ?? '';
  await page.route('**/$dispose', (route) => route.abort());
  const asked = page.waitForRequest('**/$dispose');
  await burn.getByRole('button', { name: /^Did not come/ }).click();
  await burn.getByRole('button', { name: /^Yes, did not come/ }).click();
  assert.match((await asked).postData() ?? '', /"did-not-come"/);
  await burn.getByText(/It is not sent again by itself/).waitFor();
  await page.getByRole('link', { name: 'Wall screen' }).click();
  await page.getByText(/Expected: \p{L}\. /u).waitFor();
  assert.ok(name.length > 3 && !(await page.content()).includes(name), 'a name is on the wall');
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});
