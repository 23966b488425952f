import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { faultsOf, open, openChart, signIn } from '../support/browser.ts';
import { staged } from '../support/stage.ts';

// A page that is loaded anew goes on where it was; nobody else goes on in somebody's name.

let world: World;
let browser: Browser;

staged(
  () => World.start(4),
  (...all) => {
    [browser, world] = all;
  },
);

const kept = (page: Page) =>
  page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

test('a chart that is loaded anew is the same chart, and nothing stays behind', async () => {
  const [context, page] = await open(browser);
  await signIn(page, world.server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await page
    .getByRole('navigation', { name: 'Sections of the chart' })
    .getByRole('link', { name: 'Results' })
    .click();
  await page.getByRole('columnheader', { name: 'Newest' }).waitFor();
  const address = page.url();
  const given: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/auth/revoke')) given.push('revoked');
    if (request.url().includes('/auth/authorize')) given.push(new URL(request.url()).search);
  });
  await page.reload();
  await page.getByRole('columnheader', { name: 'Newest' }).waitFor();
  await page
    .getByRole('region', { name: 'Patient', exact: true })
    .getByText('QUILLMARROW')
    .waitFor();
  assert.equal(page.url(), address);
  assert.equal(given.filter((each) => each.includes('prompt=none')).length, 1);
  assert.doesNotMatch(await kept(page), /pat-willow|eyJ|verifier|chart/);
  // Back and forward are as before.
  await page.goBack();
  await page.getByRole('heading', { name: 'Active problems' }).waitFor();
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('an attendance, the board and the wall are there again', async () => {
  await world.arrive('Stung by a wasp');
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  await page.reload();
  await page.getByText('● Live').waitFor();
  await rowOf(page, 'Stung by a wasp').getByRole('link').click();
  await page.getByRole('heading', { name: 'Observations' }).waitFor();
  const address = page.url();
  await page.reload();
  await page.getByRole('heading', { name: 'Observations' }).waitFor();
  assert.equal(page.url(), address);
  await page.getByText('Stung by a wasp').first().waitFor();
  await page.getByRole('link', { name: 'Back to the board' }).click();
  await page.getByRole('link', { name: 'Wall screen' }).click();
  await page.getByRole('listitem').first().waitFor();
  await page.reload();
  await page.getByRole('listitem').first().waitFor();
  assert.match(page.url(), /\/emergency\/wall$/);
  await context.close();
});

test('after signing out, and in another tab, a page that is loaded asks who it is', async () => {
  const [context, page] = await open(browser);
  await signIn(page, world.server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const address = page.url();
  const other = await context.newPage();
  await other.goto(address);
  await other.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.doesNotMatch(await other.content(), /quillmarrow/i);
  await page.bringToFront();
  await page.getByRole('button', { name: /^You:/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.equal(await kept(page), '[{},{}]');
  await context.close();
});

test('a session that has ended at the server ends here, and leads nowhere', async () => {
  const [context, page] = await open(browser);
  await signIn(page, world.server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await context.clearCookies();
  await page.reload();
  await page.getByText('Your session has ended. Sign in again to go on.').waitFor();
  assert.equal(new URL(page.url()).pathname, '/');
  assert.equal(await kept(page), '[{},{}]');
  await context.close();
});

test('a window that stood alone does not go on when somebody loads it anew', async () => {
  const [context, page] = await open(browser);
  await page.clock.install();
  await toBoard(world, page, 'nurse');
  await page.getByRole('link', { name: 'Wall screen' }).click();
  await page.getByRole('listitem').first().waitFor();
  await page.clock.fastForward('16:00');
  await page.keyboard.press('F5');
  await page.reload();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#password').waitFor();
  await context.close();
});

test('who signs out in one window has left the others', async () => {
  const [context, page] = await open(browser);
  await signIn(page, world.server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const other = await context.newPage();
  await signIn(other, world.server, 'alder');
  await other.getByRole('button', { name: /^You:/ }).click();
  await other.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByText('You signed out in another window.').waitFor();
  assert.equal(await page.getByText('QUILLMARROW').count(), 0);
  await context.close();
});

test('a wall whose hours are over takes nobody from their work', async () => {
  const [context, page] = await open(browser);
  // The windows of a browser have one clock; somebody uses this one all the while.
  await context.clock.install();
  await page.route('**/site.json', (route) => route.fulfill({ json: { idleMinutes: 2000 } }));
  await signIn(page, world.server, 'nurse');
  const wall = await context.newPage();
  await toBoard(world, wall, 'nurse');
  await wall.getByRole('link', { name: 'Wall screen' }).click();
  await wall.getByRole('listitem').first().waitFor();
  await context.clock.fastForward('12:01:00');
  await wall.getByText('The hours of the wall screen are over.').waitFor();
  // The other window is there, and gets new tokens as before.
  const renewed = page.waitForResponse('**/auth/token');
  await context.clock.fastForward('11:00');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  assert.equal((await renewed).status(), 200);
  await context.close();
});

test('who signed in elsewhere in this browser does not land on a page of somebody else', async () => {
  const [context, page] = await open(browser);
  await signIn(page, world.server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const other = await context.newPage();
  await signIn(other, world.server, 'desk');
  await page.bringToFront();
  await page.reload();
  await page.getByText(/Registration · Northgate/).waitFor();
  assert.equal(new URL(page.url()).pathname, '/');
  assert.equal(await page.getByRole('region', { name: 'Patient', exact: true }).count(), 0);
  await context.close();
});
