import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser } from 'playwright-core';
import { rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { faultsOf, hold, open, violations } from '../support/browser.ts';
import { staged } from '../support/stage.ts';

// Writes of the department whose answers come late, or never.

let world: World;
let browser: Browser;

staged(
  () => World.start(3),
  (...all) => {
    [browser, world] = all;
  },
);

test('an arrival that is recorded late takes nobody away from where they went', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const arrival = await hold(page, '**/Encounter/$arrive');
  await page.getByRole('link', { name: 'New arrival' }).click();
  const { typed, family } = world.somebody();
  await page.getByLabel('Who is it?').fill(typed);
  await page.getByRole('button', { name: new RegExp(family, 'i') }).click();
  await page.getByLabel('What is wrong').fill('Late answer');
  await page.getByLabel('How did they come?').selectOption('ambulance');
  await page.getByRole('button', { name: 'Record the arrival' }).click();
  await arrival.asked;
  await page.getByRole('link', { name: 'Back to the board' }).click();
  arrival.go();
  await rowOf(page, 'Late answer')
    .getByText(/ambulance/)
    .waitFor();
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('a board that does not load, and a page that stands on an old one, say so', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  await page.route(/Encounter\/\$board/, (route) =>
    route.fulfill({ status: 500, contentType: 'application/fhir+json', body: '{}' }),
  );
  await world.arrive('Sprained wrist');
  await page.getByText('Not live.').waitFor();
  // The attendance stands on the same board, and says nothing of now either.
  await page.getByRole('rowheader').getByRole('link').first().click();
  await page.getByRole('heading', { name: 'Attendance', exact: true }).waitFor();
  await page.getByText('Not live.').waitFor();
  assert.deepEqual(await violations(page), [], 'attendance on an old board');
  await page.reload();
  await page.getByRole('alert').filter({ hasText: 'The server failed' }).waitFor();
  await context.close();
});

test('a press on one row opens no other that has come under the finger', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const pressed = page.getByRole('row').nth(1);
  await pressed.dispatchEvent('pointerdown');
  await page.getByRole('row').nth(2).dispatchEvent('click', { detail: 1, button: 0 });
  // The page is drawn by then, whichever it is.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))));
  assert.equal(new URL(page.url()).pathname, '/emergency');
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
  await pressed.dispatchEvent('click', { detail: 1, button: 0 });
  await page.getByRole('heading', { name: 'Attendance', exact: true }).waitFor();
  await context.close();
});

test('what had no answer is looked at, and what was changed is not ended unseen', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const { id } = await world.arrive('Fish bone');
  await rowOf(page, 'Fish bone').getByRole('link').click();
  await page.getByRole('button', { name: 'End the attendance' }).click();
  await page.getByText('Went home').click();
  await page.getByRole('button', { name: 'Go on' }).click();
  const parameter = [
    { name: 'acuity', valueInteger: 2 },
    { name: 'note', valueString: 'Worse.' },
  ];
  await world.as('POST', `Encounter/${id}/$assess`, { resourceType: 'Parameters', parameter });
  await page.getByText('This attendance was changed meanwhile.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'End the attendance now' }).isDisabled());
  assert.deepEqual(await violations(page), [], 'changed meanwhile');
  await page.getByRole('button', { name: 'I have looked at it' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.route('**/$dispose', (route) => route.abort());
  await page.getByRole('button', { name: 'End the attendance now' }).click();
  await page.getByText(/It is not sent again by itself/).waitFor();
  await page.unroute('**/$dispose');
  await page.getByRole('button', { name: 'End the attendance now' }).click();
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
  await context.close();
});
