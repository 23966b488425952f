import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { open, openChart, signIn, violations } from '../support/browser.ts';
import { Server } from '../support/server.ts';
import { staged } from '../support/stage.ts';

// What no checker sees: the way by keyboard, narrow windows, a lost connection.

let server: Server;
let browser: Browser;

staged(
  () => Server.start(),
  (...all) => {
    [browser, server] = all;
  },
);

/** Presses Tab until what is focused has this text or label. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : '';
      return `${element?.getAttribute('aria-label') ?? ''} ${label ?? ''} ${element?.textContent ?? ''}`;
    });
    if (name.test(focused)) return;
  }
  throw new Error(`${name} is not reached by Tab`);
}

/** What lies over what is focused, or where it is if it is out of sight; nothing if all is well. */
function covered(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    // After the last comes the browser's own bar, then the first again.
    if (!document.hasFocus() || !element || element === document.body) return '';
    const { left, top, width, height } = element.getBoundingClientRect();
    const above = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 12));
    if (above && (element.contains(above) || above.contains(element))) return '';
    const says = (e: Element | null) => e?.outerHTML.slice(0, 120);
    return `${says(element)} at ${left},${top} ${width}x${height}: ${says(above)}`;
  });
}

test('a patient is found and read by keyboard alone', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('quillmarrow');
  await page.getByRole('option', { name: /QUILLMARROW/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Active problems' }).waitFor();
  await tabTo(page, /^\s*Results/);
  assert.equal(await covered(page), '');
  await page.keyboard.press('Enter');
  await page.getByRole('columnheader', { name: 'Newest' }).waitFor();
  await tabTo(page, /Platelets|Sodium|Haemoglobin/);
  assert.equal(await covered(page), '');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: /^Values of/ }).waitFor();
  // Whatever is tabbed to on the longest page is in sight, below the bars that stay.
  for (let i = 0; i < 25; i++) {
    await page.keyboard.press('Tab');
    assert.equal(await covered(page), '');
  }
  await context.close();
});

test('a dialog keeps the focus and gives it back', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await page.getByLabel('Find a patient').focus();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('combobox').waitFor({ state: 'detached' });
  const focused = await page.evaluate(
    () => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent,
  );
  assert.equal(focused, 'Find a patient');
  await context.close();
});

// A window of 1280 by 800 at a zoom of 200 % is one of 640 by 400.
for (const [name, width, height] of [
  ['320 pixels', 320, 640],
  ['a zoom of 200 %', 640, 400],
] as const) {
  test(`nothing is lost at ${name}`, () => reflows(width, height));
}

async function reflows(width: number, height: number): Promise<void> {
  const [context, page] = await open(browser, { width, height });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.ok(await fits(), 'sign-in');
  await signIn(page, server, 'alder');
  assert.ok(await fits(), 'find');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const sections = page.getByRole('navigation', { name: 'Sections of the chart' });
  for (const name of [
    'Summary',
    'Problems',
    'Medicines',
    'Results',
    'Documents',
    'Visits',
    'Timeline',
  ]) {
    await sections.getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    assert.ok(await fits(), name);
    assert.deepEqual(await violations(page), [], name);
  }
  await context.close();
}

test('a name that is long, or runs from right to left, breaks nothing', async () => {
  const patient = (await server.as(server.system(), 'GET', 'Patient/pat-willow')) as {
    name: { family: string; given: string[] }[];
  };
  const [name] = patient.name;
  if (name) {
    name.family = 'محمودالحسينيالطويلجداجداجدا';
    name.given = ['Wolfeschlegelsteinhausenbergerdorff-Quillmarrow'.repeat(2)];
  }
  await server.as(server.system(), 'PUT', 'Patient/pat-willow', patient);
  const [context, page] = await open(browser, { width: 320, height: 640 });
  await signIn(page, server, 'alder');
  await openChart(page, 'wolfeschlegel', /محمود/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels too wide`);
  await context.close();
});

test('a lost connection is told, and what was loaded stays', async () => {
  const [context, page] = await open(browser);
  await signIn(page, server, 'alder');
  await openChart(page, '999 000 0018', /./);
  await context.setOffline(true);
  await page.getByText('No connection.').waitFor();
  await page.getByRole('heading', { name: 'Active problems' }).waitFor();
  assert.deepEqual(await violations(page), [], 'offline');
  await context.setOffline(false);
  await page.getByText('No connection.').waitFor({ state: 'detached' });
  await context.close();
});
