import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { faultsOf, open, openChart, signIn, violations } from '../support/browser.ts';
import { quiet } from '../support/quiet.ts';
import { Server } from '../support/server.ts';
import { staged } from '../support/stage.ts';

// Whole ways of people through the pages, with a real server and a real browser.

let server: Server;
let browser: Browser;

staged(
  () => Server.start(),
  (...all) => {
    [browser, server] = all;
  },
);

const SECTIONS = ['Problems', 'Medicines', 'Results', 'Documents', 'Visits', 'Timeline'];

const section = (page: Page, name: string) =>
  page
    .getByRole('navigation', { name: 'Sections of the chart' })
    .getByRole('link', { name })
    .click();

async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name: new RegExp(`^${name}`), level: 2 }).waitFor();
  await quiet(page);
}

test('a clinician signs in, finds a patient and reads every section', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await page.getByText('Northgate General Hospital').first().waitFor();
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const banner = page.getByRole('region', { name: 'Patient', exact: true });
  await banner.getByText('TESTPATIENT-QUILLMARROW, Willow (Ms)').waitFor();
  await banner.getByText('17-Apr-1961').waitFor();
  await banner.getByText('999 000 0018').waitFor();
  for (const name of SECTIONS) {
    await section(page, name);
    await heading(page, name);
    assert.ok(await banner.isVisible());
  }
  // Nothing that names the patient stands in an address, in storage or in the title.
  const kept = await page.evaluate(() =>
    JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, document.title]),
  );
  assert.doesNotMatch(kept, /willow|quillmarrow|9990000018/i);
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('signing out ends the session here and at the server', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await page.getByRole('button', { name: /^You:/ }).click();
  const ended = page.waitForResponse(/auth\/end-session/);
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  assert.equal((await ended).status(), 303);
  assert.doesNotMatch(await page.content(), /quillmarrow/i);
  await page.goBack();
  assert.doesNotMatch(await page.content(), /quillmarrow/i);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#password').waitFor();
  await context.close();
});

test('a clinician of another hospital sees nothing', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'birch');
  await page.getByLabel('Find a patient').fill('quillmarrow');
  await page.getByText('Nobody among those you may see.').waitFor();
  await context.close();
});

test('the pages need no style and no script but their own files', async () => {
  const [context, page] = await open(browser);
  const answer = await fetch(server.url);
  assert.doesNotMatch(answer.headers.get('content-security-policy') ?? 'unsafe', /unsafe|data:/);
  await signIn(page, server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await section(page, 'Results');
  await page.getByRole('rowheader').getByRole('button').first().click();
  await page.getByRole('region', { name: /^Values of/ }).waitFor();
  await page.getByRole('button', { name: /^You:/ }).click();
  await page.getByRole('menuitem', { name: 'Dark' }).click();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

for (const dark of [false, true]) {
  test(`axe finds nothing, ${dark ? 'dark' : 'light'}`, async () => {
    const [context, page] = await open(browser, { dark });
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.deepEqual(await violations(page), [], 'sign-in');
    await signIn(page, server, 'alder');
    assert.deepEqual(await violations(page), [], 'find');
    await page.getByRole('button', { name: 'Trace somebody' }).click();
    await page.getByRole('button', { name: 'Trace', exact: true }).click();
    assert.deepEqual(await violations(page), [], 'trace');
    await openChart(page, 'quillmarrow', /QUILLMARROW/);
    await quiet(page);
    assert.deepEqual(await violations(page), [], 'summary');
    for (const name of SECTIONS) {
      await section(page, name);
      await heading(page, name);
      assert.deepEqual(await violations(page), [], name);
    }
    await section(page, 'Results');
    await page.getByRole('rowheader').getByRole('button').first().click();
    await page.getByRole('region', { name: /^Values of/ }).waitFor();
    assert.deepEqual(await violations(page), [], 'trend');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    assert.deepEqual(await violations(page), [], 'palette');
    await context.close();
  });
}
