import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { open, signIn } from '../support/browser.ts';
import { staged } from '../support/stage.ts';

// How fast the pages are, in figures. Nothing fails by them: machines differ.

const WAITING = 200;
/** Enough that the hospital knows more people than are waiting: some are still to arrive. */
const PATIENTS = 1600;
const TIMES = 20;

let world: World;
let browser: Browser;

staged(
  () => World.start(WAITING, PATIENTS),
  (...all) => {
    [browser, world] = all;
  },
);

/** `median 31 ms, worst 58 ms of 20`. */
function spread(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const [median = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `median ${Math.round(median)} ms, worst ${Math.round(worst)} ms of ${sorted.length}`;
}

test('first paint, of a browser that has nothing yet', async (t) => {
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const [context, page] = await open(browser);
    await page.goto(world.server.url);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    const paint = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    );
    times.push(paint);
    await context.close();
  }
  t.diagnostic(`first paint: ${spread(times)}`);
});

/** How long a chart takes from the click until its problems stand there, in the page's own time. */
async function chartTime(page: Page): Promise<number> {
  await page.getByLabel('Find a patient').fill('quillmarrow');
  // The same person may stand among those who are here now, in a list that is about to go.
  const link = page.getByRole('region', { name: 'Found' }).getByRole('link');
  await link.waitFor();
  return link.evaluate(
    (element) =>
      new Promise<number>((done) => {
        const begun = performance.now();
        const look = () => {
          const all = [...document.querySelectorAll('h2')];
          if (all.some((h2) => h2.textContent === 'Active problems')) {
            done(performance.now() - begun);
          } else requestAnimationFrame(look);
        };
        (element as HTMLElement).click();
        requestAnimationFrame(look);
      }),
  );
}

async function charts(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const [context, page] = await open(browser);
    await signIn(page, world.server, 'alder');
    times.push(await chartTime(page));
    await context.close();
  }
  return times;
}

test('a chart, from the click to its problems', async (t) => {
  t.diagnostic(`chart: ${spread(await charts(5))}`);
});

test('the chart of a record of 5,000 observations', async (t) => {
  const system = world.server.system();
  for (let page = 0; page < 5; page += 1) {
    await world.server.as(system, 'POST', '', thousand(page));
  }
  t.diagnostic(`chart of 5,000 resources: ${spread(await charts(5))}`);
});

test('from an arrival that is acknowledged to its row on the screen', async (t) => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const rows = await page.getByRole('rowheader').count();
  const times: number[] = [];
  for (let i = 0; i < TIMES; i += 1) {
    const complaint = `Event ${i} of ${TIMES}`;
    const seen = page.evaluate(
      (words) =>
        new Promise<number>((done) => {
          const look = () => {
            if (document.body.textContent?.includes(words)) done(Date.now());
            else requestAnimationFrame(look);
          };
          look();
        }),
      complaint,
    );
    await world.arrive(complaint);
    const acknowledged = Date.now();
    times.push(Math.max(0, (await seen) - acknowledged));
  }
  t.diagnostic(`event to screen with ${rows} people on the board: ${spread(times)}`);
  await context.close();
});

/** A thousand measurements of potassium, an hour apart. */
function thousand(page: number): unknown {
  const category = {
    system: 'http://terminology.hl7.org/CodeSystem/observation-category',
    code: 'laboratory',
  };
  const entry = Array.from({ length: 1000 }, (_, i) => ({
    request: { method: 'POST', url: 'Observation' },
    resource: {
      resourceType: 'Observation',
      status: 'final',
      category: [{ coding: [category] }],
      code: { coding: [{ system: 'http://loinc.org', code: '2823-3', display: 'Potassium' }] },
      subject: { reference: 'Patient/pat-willow' },
      effectiveDateTime: new Date(1_700_000_000_000 + (page * 1000 + i) * 3_600_000).toISOString(),
      performer: [{ reference: 'Organization/northgate-hospital' }],
      valueQuantity: { value: 4 + (i % 10) / 10, unit: 'mmol/L' },
    },
  }));
  return { resourceType: 'Bundle', type: 'transaction', entry };
}
