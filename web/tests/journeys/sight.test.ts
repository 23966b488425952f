import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Encounter } from 'fhir/r4';
import type { Browser, Page } from 'playwright-core';
import { rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { open, openChart, signIn } from '../support/browser.ts';
import { contrast, difference, EYES, easel, lost, offered, see } from '../support/sight.ts';
import { staged } from '../support/stage.ts';

// Small windows, great letters, and eyes that see colours otherwise.

let world: World;
let browser: Browser;

/** A department in which every acuity is. */
async function everyAcuity(): Promise<World> {
  const world = await World.start(6);
  for (const level of [1, 2, 3, 4, 5]) {
    const { id } = (await world.arrive(`Level ${level}`)) as Encounter;
    const vital = [
      { name: 'code', valueCode: '8867-4' },
      { name: 'value', valueQuantity: { value: 80, unit: '/min', code: '/min' } },
    ];
    await world.as('POST', `Encounter/${id}/$assess`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'vital', part: vital },
        { name: 'acuity', valueInteger: level },
      ],
    });
  }
  return world;
}

staged(everyAcuity, (...all) => {
  [browser, world] = all;
});

for (const dark of [false, true]) {
  test(`acuities are told apart by shape and word without colours, ${dark ? 'dark' : 'light'}`, async () => {
    const [context, page] = await open(browser, { dark });
    await toBoard(world, page, 'nurse');
    const table = await easel(context);
    await page.bringToFront();
    for (const eyes of EYES) {
      await see(page, eyes);
      const shapes: Buffer[] = [];
      const words = new Set<string>();
      for (const level of [1, 2, 3, 4, 5]) {
        const cell = rowOf(page, `Level ${level}`).getByRole('cell').first();
        shapes.push(await cell.locator('svg').screenshot());
        words.add((await cell.textContent()) ?? '');
      }
      assert.equal(words.size, 5);
      for (const [i, one] of shapes.entries()) {
        const found = await contrast(table, one);
        assert.ok(found >= 4.5, `${eyes}: the number of ${i + 1} has a contrast of ${found}`);
        for (const [j, two] of shapes.entries()) {
          if (j <= i) continue;
          const differ = await difference(table, one, two);
          assert.ok(differ > 0.05, `${eyes}: ${i + 1} and ${j + 1} look alike (${differ})`);
        }
      }
    }
    await see(page, 'none');
    await context.close();
  });
}

test('what is late, unusual or lost is said in words as well', async () => {
  const [context, page] = await open(browser);
  await signIn(page, world.server, 'alder');
  await openChart(page, 'quillmarrow', /QUILLMARROW/);
  await page.getByRole('link', { name: 'Results', exact: true }).click();
  await page.getByRole('columnheader', { name: 'Newest' }).waitFor();
  // Whatever has the colour of a warning has letters of its own.
  const mute = await page.evaluate(() => {
    const warn = ['--bad', '--warn'].map((name) => {
      const probe = document.createElement('i');
      probe.style.color = `var(${name})`;
      document.body.append(probe);
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    });
    return [...document.body.querySelectorAll('*')]
      .filter((e) => warn.includes(getComputedStyle(e).color) && e.children.length === 0)
      .filter((e) => !e.textContent?.trim() && e instanceof HTMLElement && e.offsetWidth > 0)
      .map((e) => e.outerHTML);
  });
  assert.deepEqual(mute, []);
  await context.close();
});

const palette = (page: Page) => page.getByRole('combobox', { name: 'Find a patient or an action' });

/** Goes through pages, and tells of each what it is called. */
async function walk(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  await page.goto(world.server.url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#password').waitFor();
  await look('password');
  await signIn(page, world.server, 'desk');
  await look('find');
  await page.getByRole('button', { name: 'Trace somebody' }).click();
  await look('trace');
  await page.getByRole('button', { name: 'Register somebody' }).click();
  await look('register');
  await page.keyboard.press('Control+k');
  await palette(page).waitFor();
  await look('palette');
  await palette(page).press('Escape');
  await palette(page).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Emergency board' }).click();
  await page.getByRole('rowheader').first().waitFor();
  await look('board');
  await page.getByRole('link', { name: 'New arrival' }).click();
  await page.getByLabel('Who is it?').waitFor();
  await look('arrival');
  const { typed, family } = world.somebody();
  await page.getByLabel('Who is it?').fill(typed);
  await page.getByRole('button', { name: new RegExp(family, 'i') }).click();
  await page.getByLabel('What is wrong').waitFor();
  await look('arrival of somebody');
  await page.getByRole('link', { name: 'Back to the board' }).click();
  await rowOf(page, 'Level 3').getByRole('link').click();
  await page.getByRole('button', { name: 'End the attendance' }).click();
  await page.getByRole('dialog').waitFor();
  await look('end');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Back to the board' }).click();
  await page.getByRole('link', { name: 'Wall screen' }).click();
  await page.getByRole('listitem').first().waitFor();
  await look('wall');
}

test('nothing is lost at 320 pixels, nor at a zoom of 200 %', async () => {
  const wide = new Map<string, string[]>();
  const [context, page] = await open(browser, { width: 1280, height: 800 });
  await walk(page, async (name) => void wide.set(name, await offered(page)));
  await context.close();
  // A window of 1280 by 800 at a zoom of 200 % is one of 640 by 400.
  for (const [width, height] of [
    [320, 640],
    [640, 400],
  ] as const) {
    const [narrow, small] = await open(browser, { width, height });
    await walk(small, async (name) => {
      assert.deepEqual(await lost(small), [], `${name} at ${width}`);
      const here = new Set(await offered(small));
      const gone = (wide.get(name) ?? []).filter((each) => !here.has(each) && !/\d/.test(each));
      assert.deepEqual(gone, [], `${name} at ${width}`);
    });
    await narrow.close();
  }
});

test('letters of twice the size alone lose nothing either', async () => {
  const [context, page] = await open(browser, { width: 1280, height: 800 });
  const cdp = await context.newCDPSession(page);
  await cdp.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
  await walk(page, async (name) => assert.deepEqual(await lost(page), [], name));
  await context.close();
});
