import { mkdirSync, statSync } from 'node:fs';
import { before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { World } from '../emergency/world.ts';
import { open } from '../support/browser.ts';
import { PASSWORD } from '../support/server.ts';
import { staged } from '../support/stage.ts';

// Pictures of the emergency department for the guide.

const FOLDER = '../docs/screens';
const MOST_BYTES = 150_000;

let world: World;
let browser: Browser;

staged(
  () => World.start(24, 200, 500),
  (...all) => {
    [browser, world] = all;
  },
);

before(async () => {
  // Enough attendances before for a forecast.
  mkdirSync(FOLDER, { recursive: true });
});

async function picture(page: Page, name: string): Promise<void> {
  const path = `${FOLDER}/${name}.png`;
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${name}.png has ${size} bytes`);
}

async function toBoard(page: Page, login = 'nurse'): Promise<void> {
  await world.signIn(page, login);
  await page.getByRole('link', { name: 'Emergency board' }).click();
  await page.getByText('● Live').waitFor();
}

test('the emergency department', async () => {
  const [context, page] = await open(browser, { width: 1160, height: 640 });
  await toBoard(page);
  await page.getByText('To be seen, if arriving now').waitFor();
  await picture(page, 'board');
  await page.getByRole('link', { name: 'New arrival' }).click();
  const { typed, family } = world.somebody();
  await page.getByLabel('Who is it?').fill(typed);
  await page.getByRole('button', { name: new RegExp(family, 'i') }).click();
  await page.getByLabel('What is wrong').fill('Twisted ankle');
  await picture(page, 'arrival');
  await page.getByRole('link', { name: 'Back to the board' }).click();
  await page.getByRole('row').filter({ hasText: 'was ' }).getByRole('link').first().click();
  await page.getByRole('table').waitFor();
  await picture(page, 'attendance');
  await page.getByRole('button', { name: /^Assess/ }).click();
  await page.getByLabel('Respiration rate').fill('22');
  await page.getByLabel('Oxygen saturation').fill('94');
  await page.getByLabel('Air or oxygen').selectOption('air');
  await page.getByLabel('systolic').fill('108');
  await page.getByLabel('Pulse').fill('260');
  await page.getByText('Alert', { exact: true }).click();
  await page.getByText(/measure again/).waitFor();
  await page.mouse.move(5, 5);
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, 'assessment');
  await context.close();
});

test('the wall, the paper, dark and on a telephone', async () => {
  const [context, page] = await open(browser, { width: 1120, height: 600 });
  await toBoard(page);
  await page.emulateMedia({ media: 'print' });
  await picture(page, 'board-printed');
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('link', { name: 'Wall screen' }).click();
  await page.getByRole('listitem').first().waitFor();
  await picture(page, 'wall');
  await context.close();
  const [second, dark] = await open(browser, { width: 1120, height: 600, dark: true });
  await toBoard(dark);
  await picture(dark, 'board-dark');
  await second.close();
  const [third, narrow] = await open(browser, { width: 320, height: 640 });
  await toBoard(narrow);
  await picture(narrow, 'board-narrow');
  await third.close();
});

test('self check-in', async () => {
  const [context, page] = await open(browser, { width: 800, height: 640 });
  await world.signIn(page, 'desk');
  await page.getByRole('button', { name: /^You:/ }).click();
  await page.getByRole('menuitem', { name: /Start self check-in/ }).click();
  await page.locator('#login').fill('desk');
  await page.locator('#password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  await picture(page, 'check-in');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByLabel(/family name/).fill('Testpatient-Reed');
  await picture(page, 'check-in-question');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel(/first name/).fill('Robin');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Day').fill('3');
  await page.getByLabel('Month').fill('2');
  await page.getByLabel('Year').fill('1980');
  for (let i = 0; i < 3; i += 1) await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel(/What is wrong/).fill('Hurt my ankle');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Check in', exact: true }).click();
  await page.getByRole('heading', { name: /Your ticket/ }).waitFor();
  await picture(page, 'check-in-ticket');
  await context.close();
  await ticketOnTheBoard();
});

/** The same visitor on the board, and the desk that finds out who it is. */
async function ticketOnTheBoard(): Promise<void> {
  const [context, page] = await open(browser, { width: 1160, height: 560 });
  await toBoard(page, 'desk');
  await page.getByText(/To be seen, if arriving now|No forecast of waits/).click();
  await page.getByRole('row').filter({ hasText: 'Hurt my ankle' }).scrollIntoViewIfNeeded();
  await page.mouse.move(5, 5);
  await picture(page, 'board-ticket');
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, 'board-forecast');
  await page.getByRole('row').filter({ hasText: 'Hurt my ankle' }).getByRole('link').click();
  await page.getByRole('button', { name: 'Find them in the record …' }).waitFor();
  await picture(page, 'identity');
  await context.close();
}
