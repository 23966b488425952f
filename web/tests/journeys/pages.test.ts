import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { faultsOf, open, openChart } from '../support/browser.ts';
import { staged } from '../support/stage.ts';

// Where one is: the title of the window, and the focus.

let world: World;
let browser: Browser;

staged(
  () => World.start(3),
  (...all) => {
    [browser, world] = all;
  },
);

/** Waits until the focus is on the heading of a page, and the window is called so. */
async function isAt(page: Page, heading: RegExp, title: string): Promise<void> {
  await page.waitForFunction(
    ([source]) => {
      const focused = document.activeElement;
      const text = focused?.matches('h1') ? focused.textContent : undefined;
      return text ? new RegExp(source ?? '').test(text) : false;
    },
    [heading.source],
  );
  assert.equal(await page.title(), `${title} – Accord`);
}

test('each page has a title that names nobody, and gets the focus', async () => {
  await world.arrive('Where am I');
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  await isAt(page, /Emergency board/, 'Emergency board');
  await rowOf(page, 'Where am I').getByRole('link').click();
  await isAt(page, /Attendance/, 'Attendance');
  await page.getByRole('button', { name: /^Assess/ }).click();
  await isAt(page, /Assessment/, 'Assessment');
  await page.goBack();
  await isAt(page, /Attendance/, 'Attendance');
  await page.getByRole('link', { name: 'Back to the board' }).click();
  await page.getByRole('link', { name: 'Wall screen' }).click();
  await isAt(page, /Emergency department/, 'Wall screen');
  await page.getByRole('button', { name: 'Leave' }).click();
  await isAt(page, /Emergency board/, 'Emergency board');
  // A page with a field to begin with begins there.
  await page.getByRole('link', { name: 'Patients' }).click();
  await page.waitForFunction(() => document.activeElement?.matches('input'));
  assert.equal(await page.title(), 'Patients – Accord');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await isAt(page, /Chart of/, 'Summary – Chart');
  // The sections of a chart are one page, and the focus stays on what leads between them.
  await page.getByRole('link', { name: 'Results', exact: true }).click();
  await page.getByRole('columnheader', { name: 'Newest' }).waitFor();
  assert.equal(await page.title(), 'Results – Chart – Accord');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Results');
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('who selects a text in a dialog beyond its edge does not close it', async () => {
  const [context, page] = await open(browser);
  await world.signIn(page, 'alder');
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  const box = await dialog.boundingBox();
  assert.ok(box);
  await page.getByRole('combobox').fill('quill');
  await page.getByRole('combobox').hover();
  await page.mouse.down();
  await page.mouse.move(5, box.y + box.height + 40);
  await page.mouse.up();
  assert.equal(await dialog.count(), 1);
  await page.mouse.click(5, box.y + box.height + 40);
  await dialog.waitFor({ state: 'detached' });
  await context.close();
});
