import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openForm, rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { enter, faultsOf, hold, open, openChart, signIn, violations } from '../support/browser.ts';
import { seal } from '../support/seal.ts';
import { lost } from '../support/sight.ts';
import { staged } from '../support/stage.ts';

// Nobody is taken for somebody else: whom a page is about is in sight wherever one reads or types.

let world: World;
let browser: Browser;

staged(
  () => World.start(6),
  (...all) => {
    [browser, world] = all;
  },
);

const SIZES = [
  { width: 1280, height: 600 },
  { width: 640, height: 400 },
  { width: 320, height: 640 },
] as const;

/** What of a text can be read in the upper half of the window. */
function inSight(page: Page, words: RegExp): Promise<boolean> {
  return page.evaluate(
    ([source, flags]) =>
      [...document.querySelectorAll('strong, span')].some((element) => {
        if (!new RegExp(source ?? '', flags).test(element.textContent ?? '')) return false;
        const { left, top, width, height, bottom } = element.getBoundingClientRect();
        if (width < 2 || top < 0 || bottom > innerHeight / 2) return false;
        const above = document.elementFromPoint(left + 2, top + height / 2);
        return above !== null && (element.contains(above) || above.contains(element));
      }),
    [words.source, words.flags],
  );
}

async function downTo(page: Page, share: number): Promise<void> {
  await page.evaluate((part) => scrollTo(0, document.body.scrollHeight * part), share);
  await page.waitForTimeout(300);
}

async function allergic(id: string): Promise<void> {
  await world.as('POST', 'AllergyIntolerance', {
    resourceType: 'AllergyIntolerance',
    clinicalStatus: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
          code: 'active',
        },
      ],
    },
    criticality: 'high',
    category: ['medication'],
    code: { text: 'Penicillin' },
    patient: { reference: id },
  });
}

for (const size of SIZES) {
  test(`name and allergies stay in sight, ${size.width} pixels`, async () => {
    const [context, page] = await open(browser, size);
    const complaint = `Out of sight at ${size.width}`;
    const { subject } = await world.arrive(complaint);
    await allergic(subject?.reference ?? '');
    await toBoard(world, page, 'nurse');
    const name = (await rowOf(page, complaint).getByRole('link').textContent()) ?? '';
    const family = new RegExp(name.split(' ').at(-1) ?? name, 'i');
    await openForm(page, complaint);
    await page
      .getByText(/⚠ Penicillin/)
      .first()
      .waitFor();
    for (const share of [0.4, 1]) {
      await downTo(page, share);
      assert.ok(await inSight(page, family), `the name, at ${share} of the form`);
      assert.ok(await inSight(page, /⚠ Penicillin/), `the allergy, at ${share} of the form`);
      assert.deepEqual(await lost(page), [], `the form at ${share}`);
    }
    assert.deepEqual(await violations(page), [], 'the form');
    await page.getByRole('button', { name: 'Open the chart' }).click();
    await page.getByRole('heading', { name: 'Active problems' }).waitFor();
    await downTo(page, 1);
    assert.ok(await inSight(page, family), 'the name, at the end of the chart');
    assert.ok(await inSight(page, /⚠ Penicillin/), 'the allergy, at the end of the chart');
    assert.deepEqual(await lost(page), [], 'the chart');
    assert.deepEqual(faultsOf(page), []);
    await context.close();
  });
}

test('a lost connection does not cover whom a chart is about', async () => {
  const [context, page] = await open(browser, { width: 1280, height: 600 });
  await signIn(page, world.server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  const section = (name: string) => page.getByRole('link', { name, exact: true }).click();
  await section('Timeline');
  await page.getByRole('heading', { level: 3 }).first().waitFor();
  await context.setOffline(true);
  await section('Documents');
  await page.getByText('No connection.').waitFor();
  await section('Timeline');
  await downTo(page, 1);
  assert.ok(await inSight(page, /QUILLMARROW/));
  await context.close();
});

test('Enter opens nobody who no longer fits what is typed', async () => {
  const [context, page] = await open(browser);
  await signIn(page, world.server, 'alder');
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox');
  await field.fill('quillm');
  await page.getByRole('option', { name: /QUILLMARROW/ }).waitFor();
  // The server is slow to say that nobody is called so.
  const slow = await hold(page, /\/Patient\/_search/);
  await field.fill('quillmx');
  await page.keyboard.press('Enter');
  await slow.asked;
  await page.keyboard.press('Enter');
  assert.equal(new URL(page.url()).pathname, '/');
  slow.go();
  await page.getByText('Nothing fits.').waitFor();
  assert.equal(new URL(page.url()).pathname, '/');
  await context.close();
});

test('the focus is on the page after the glass is broken', async () => {
  await seal(world.server, 'pat-willow', 'DocumentReference');
  const [context, page] = await open(browser);
  await signIn(page, world.server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await page.getByRole('button', { name: 'Break the glass …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Unconscious, nobody with her');
  await dialog.getByRole('button', { name: 'Break the glass' }).click();
  await page.getByText(/Emergency access until/).waitFor();
  await dialog.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement?.id === 'main');
  await context.close();
});

test('the board of the desk is live as well', async () => {
  const [context, page] = await open(browser);
  // What is asked for every some seconds is not asked here: what comes was told by the stream.
  await page.addInitScript(() => {
    const every = window.setInterval.bind(window);
    const seldom = (act: () => void, ms = 0) => (ms > 1_000 ? 0 : every(act, ms));
    window.setInterval = seldom as typeof window.setInterval;
  });
  await toBoard(world, page, 'desk');
  await page.getByText('● Live').waitFor();
  await world.arrive('Seen by the desk');
  const row = rowOf(page, 'Seen by the desk');
  await row.waitFor();
  // What it is not shown is not told as if it were not there.
  await row.getByText('Not shown', { exact: false }).first().waitFor();
  assert.equal(await page.getByText(/Not assessed|no score yet/).count(), 0);
  assert.equal(await page.getByRole('row').getByText('overdue').count(), 0);
  await row.getByRole('link').click();
  await page.getByText('What is clinical is not shown to you').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await context.close();
});

test('who has no pages is offered none', async () => {
  const [context, page] = await open(browser);
  await enter(page, world.server, 'sorrel');
  await page.getByRole('heading', { name: 'There are no pages for your role yet' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Emergency board' }).count(), 0);
  await page.keyboard.press('Control+k');
  assert.equal(await page.getByRole('combobox').count(), 0);
  assert.deepEqual(await violations(page), []);
  await context.close();
});

test('what was typed is not lost by a slip, wherever one is meanwhile', async () => {
  const [context, page] = await open(browser);
  await world.arrive('Half an assessment');
  await toBoard(world, page, 'nurse');
  await openForm(page, 'Half an assessment');
  await page.getByLabel('Pulse').fill('92');
  await page.getByRole('link', { name: 'Back to the attendance' }).click();
  await page.getByRole('button', { name: /go on with what you typed/ }).waitFor();
  await page.getByRole('link', { name: 'Back to the board' }).click();
  const asked: string[] = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  // The browser asks; without an answer nothing is loaded.
  const question = page.waitForEvent('dialog');
  await page.evaluate(() => setTimeout(() => location.reload()));
  await question;
  assert.deepEqual(asked, ['beforeunload']);
  await page.getByRole('button', { name: /^You:/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  assert.deepEqual(asked, ['beforeunload', 'confirm']);
  await openForm(page, 'Half an assessment');
  assert.equal(await page.getByLabel('Pulse').inputValue(), '92');
  await page.getByRole('button', { name: 'Drop what I typed' }).click();
  await page.getByRole('button', { name: /^Assess$/ }).waitFor();
  await context.close();
});
