import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, BrowserContext, Page, Response } from 'playwright-core';
import { rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { faultsOf, open, signIn, violations } from '../support/browser.ts';
import { Keys } from '../support/keys.ts';
import { PASSWORD } from '../support/server.ts';
import { lost } from '../support/sight.ts';
import { staged } from '../support/stage.ts';

// Visitors at a screen of their own: they check in, and get nowhere else.

let world: World;
let browser: Browser;

staged(
  () => World.start(4),
  (...all) => {
    [browser, world] = all;
  },
);

interface Kiosk {
  context: BrowserContext;
  page: Page;
  /** What the window was given. */
  token: string;
}

/** The desk opens self check-in. */
async function kiosk(look: Parameters<typeof open>[1] = {}, clock = false): Promise<Kiosk> {
  const [context, page] = await open(browser, look);
  if (clock) await page.clock.install();
  await signIn(page, world.server, 'desk');
  await page.getByRole('button', { name: /^You:/ }).click();
  await page.getByRole('menuitem', { name: /Start self check-in/ }).click();
  // Who opens it is asked again, and allows it what it says.
  await page.locator('#login').fill('desk');
  await page.locator('#password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('add Encounter that you may see').waitFor();
  const given = page.waitForResponse((r: Response) => r.url().endsWith('/auth/token'));
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  const { access_token } = (await (await given).json()) as { access_token: string };
  await page.getByRole('heading', { name: 'Check in for the emergency' }).waitFor();
  return { context, page, token: access_token };
}

const kept = (page: Page) =>
  page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

/** The ticket on the screen. */
async function shown(page: Page): Promise<string> {
  const heading = page.getByRole('heading', { name: /Your ticket/ });
  return ((await heading.textContent()) ?? '').replace('Your ticket', '').trim();
}

/** Answers every question by keys alone. */
async function answer(page: Page, family: string): Promise<void> {
  const keys = new Keys(page);
  await keys.enter(/^Start$/);
  await keys.type(/family name/, family);
  await page.keyboard.press('Enter');
  await keys.type(/first name/, 'Robin');
  await page.keyboard.press('Enter');
  await keys.type(/^Day/, '31');
  await keys.type(/^Month/, '2');
  await keys.type(/^Year/, '1980');
  await page.keyboard.press('Enter');
  await page.getByText('that can be').waitFor();
  await keys.to(/^Day/, 'Shift+Tab');
  await keys.type(/^Day/, '3');
  await page.keyboard.press('Enter');
  await page.getByLabel(/postcode/).waitFor();
  await keys.enter(/I do not know/);
  await page.getByLabel(/NHS number/).waitFor();
  await keys.enter(/I do not know/);
  await keys.type(/What is wrong/, 'Hurt my ankle');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Is this right?' }).waitFor();
}

test('a visitor checks in, and nothing of it stays', async () => {
  const { context, page } = await kiosk();
  await answer(page, 'Testpatient-Kiosk');
  await page.getByText('In an emergency, speak to a nurse now.').waitFor();
  await page.getByText('03/02/1980').waitFor();
  await new Keys(page).enter(/^Check in$/);
  await page.getByRole('heading', { name: /Your ticket/ }).waitFor();
  await page.getByText('If you feel worse, tell a nurse').waitFor();
  const ticket = await shown(page);
  assert.match(ticket, /^[A-Z]\d{3}$/);
  assert.doesNotMatch(await page.content(), /Testpatient|Robin|ankle/);
  assert.equal(await kept(page), '[{},{}]');
  const [staff, board] = await open(browser);
  await toBoard(world, board, 'nurse');
  await rowOf(board, 'Hurt my ankle').getByText(`Ticket ${ticket}`).waitFor();
  await rowOf(board, 'Hurt my ankle').getByText('Identity not confirmed').waitFor();
  await rowOf(board, 'Hurt my ankle').getByRole('link').click();
  await board.getByRole('button', { name: /What they typed is right/ }).click();
  await board.getByText('Identity not confirmed').waitFor({ state: 'detached' });
  await staff.close();
  await page.bringToFront();
  await new Keys(page).enter(/^Done/);
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  assert.ok(!(await page.content()).includes(ticket));
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('from the kiosk there is no way to anything else', async () => {
  const { context, page, token } = await kiosk();
  const { url } = world.server;
  // The session of who opened it has ended; what the window has can read nothing.
  const cookies = await context.cookies();
  assert.ok(!cookies.some((cookie) => cookie.name === 'accord_session' && cookie.value));
  for (const path of [
    'Patient?_count=1',
    'Encounter?_count=1',
    'Patient/pat-willow',
    'Encounter/$board?organization=Organization/northgate-hospital',
    'Observation?_count=1',
  ]) {
    const asked = await fetch(`${url}/fhir/${path}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const body = await asked.text();
    const empty = /"total":0/.test(body) && !body.includes('"entry"');
    assert.ok([403, 404].includes(asked.status) || empty, `${path}: ${asked.status}`);
  }
  await page.keyboard.press('Control+k');
  assert.equal(await page.getByRole('combobox').count(), 0);
  assert.equal(await page.getByRole('link').count(), 0);
  for (const way of ['/', '/emergency', '/emergency/wall', '/check-in']) {
    await page.goto(`${url}${way}`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.equal(await kept(page), '[{},{}]');
  }
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#password').waitFor();
  // What the window had ended with it.
  const after = await fetch(`${url}/fhir/Patient?_count=1`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  assert.equal(after.status, 401);
  await context.close();
});

test('what somebody typed and left is wiped', async () => {
  const { context, page } = await kiosk({}, true);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByLabel(/family name/).fill('Testpatient-Left');
  await page.clock.runFor(45_000);
  await page.getByText('Are you still there?').waitFor();
  assert.deepEqual(await violations(page), [], 'alone');
  await page.getByRole('button', { name: 'I am here' }).click();
  assert.equal(await page.getByLabel(/family name/).inputValue(), 'Testpatient-Left');
  await page.clock.runFor(61_000);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  assert.equal(await page.getByLabel(/family name/).inputValue(), '');
  await context.close();
});

for (const look of [{ width: 320, height: 640 }, { width: 640, height: 400, dark: true }, {}]) {
  test(`axe finds nothing at the kiosk, ${JSON.stringify(look)}`, async () => {
    const { context, page } = await kiosk(look);
    const fine = async (name: string) => {
      assert.deepEqual(await violations(page), [], name);
      assert.deepEqual(await lost(page), [], name);
    };
    await fine('welcome');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Please type your family name.').waitFor();
    await fine('question');
    await page.getByRole('button', { name: 'Start again' }).click();
    await answer(page, 'Testpatient-Axe');
    await fine('check');
    await page.getByRole('button', { name: 'Check in' }).click();
    await page.getByRole('heading', { name: /Your ticket/ }).waitFor();
    await fine('ticket');
    await context.close();
  });
}

test('the board has the ticket, and the desk confirms who it is', async () => {
  const { id } = await world.arrive('Came by the kiosk');
  const [context, page] = await open(browser);
  let confirmed = false;
  await page.route(/\$board/, async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    const row = answer.parameter?.find(
      (p: { part?: { valueReference?: { reference: string } }[] }) =>
        p.part?.some((q) => q.valueReference?.reference === `Encounter/${id}`),
    );
    row?.part?.push({ name: 'ticket', valueString: 'K42' });
    if (!confirmed) row?.part?.push({ name: 'identity-unconfirmed', valueBoolean: true });
    await route.fulfill({ response, json: answer });
  });
  let sent = '';
  await page.route(/\$confirm-identity/, async (route) => {
    sent = route.request().postData() ?? '';
    confirmed = true;
    await route.fulfill({ json: { resourceType: 'Encounter', id } });
  });
  await signIn(page, world.server, 'desk');
  await page.getByRole('link', { name: 'Emergency board' }).click();
  const row = rowOf(page, 'Came by the kiosk');
  await row.getByText('Ticket K42').waitFor();
  await row.getByText('Identity not confirmed').waitFor();
  assert.deepEqual(await violations(page), [], 'board');
  await row.getByRole('link').click();
  await page.getByRole('button', { name: 'Find them in the record …' }).click();
  const { typed, family, id: other } = world.somebody();
  await page.getByLabel('Who is it?').fill(typed);
  await page.getByRole('button', { name: new RegExp(family, 'i') }).click();
  assert.deepEqual(await violations(page), [], 'confirm');
  await page.getByRole('button', { name: 'The attendance is of this person' }).click();
  await page.getByText('Identity not confirmed').waitFor({ state: 'detached' });
  assert.match(sent, new RegExp(`Patient/${other}`));
  assert.match(sent, /"version"/);
  await context.close();
});

test('a forecast is shown with how far it was off, or not at all', async () => {
  const [context, page] = await open(browser);
  const told: { name: string; [value: string]: unknown }[] = [];
  await page.route(/\$forecast/, (route) =>
    route.fulfill({ json: { resourceType: 'Parameters', parameter: told } }),
  );
  await toBoard(world, page, 'nurse');
  assert.equal(await page.getByText(/if arriving now|No forecast/).count(), 0);
  const count = (name: string, valueInteger: number) => ({ name, valueInteger });
  const range = [count('acuity', 3), count('from-minutes', 40), count('to-minutes', 95)];
  told.push({ name: 'forecast', part: range });
  await page.reload();
  await page.getByText('● Live').waitFor();
  assert.equal(
    await page.getByText('if arriving now').count(),
    0,
    'without an error there is none',
  );
  told[0] = {
    name: 'forecast',
    part: [...range, count('typical-error-minutes', 18), count('coverage-percent', 81)],
  };
  await page.reload();
  await page.getByText('if arriving now').waitFor();
  await page.getByText('(typically 18 min off)').waitFor();
  await page.getByText('if arriving now').click();
  await page.getByText('81 % of the waits lay in the range').waitFor();
  assert.deepEqual(await violations(page), [], 'forecast');
  told[0] = { name: 'forecast-absent', valueString: 'Fewer than 500 attendances so far.' };
  await page.reload();
  await page.getByText('No forecast of waits').click();
  await page.getByText('Fewer than 500 attendances so far.').waitFor();
  await context.close();
});
