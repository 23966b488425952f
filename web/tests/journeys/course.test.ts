import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Encounter, ParametersParameter } from 'fhir/r4';
import type { Browser, Page } from 'playwright-core';
import { openForm, rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { faultsOf, open, violations } from '../support/browser.ts';
import { staged } from '../support/stage.ts';

// What must not be lost from sight: the first acuity, the last complete score, the scale in use.

let world: World;
let browser: Browser;

staged(
  () => World.start(4),
  (...all) => {
    [browser, world] = all;
  },
);

const pulse = (subject: string, encounter: string, minutes: number) => ({
  request: { method: 'POST', url: 'Observation' },
  resource: {
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: subject },
    encounter: { reference: `Encounter/${encounter}` },
    effectiveDateTime: new Date(Date.now() + minutes * 1000).toISOString(),
    valueQuantity: {
      value: 80 + (minutes % 20),
      unit: '/min',
      system: 'http://unitsofmeasure.org',
      code: '/min',
    },
  },
});

test('a long stay keeps its first acuity in sight', async () => {
  const { id = '', subject } = await world.arrive('Here for days');
  const vital = [
    { name: 'code', valueCode: '8867-4' },
    { name: 'value', valueQuantity: { value: 80, unit: '/min', code: '/min' } },
  ];
  await world.as('POST', `Encounter/${id}/$assess`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'vital', part: vital },
      { name: 'acuity', valueInteger: 4 },
    ],
  });
  const entry = Array.from({ length: 450 }, (_, i) => pulse(subject?.reference ?? '', id, i));
  await world.as('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  await rowOf(page, 'Here for days').getByRole('link').click();
  const acuity = page.getByRole('region', { name: 'Acuity' });
  await acuity.getByText(/^initial, /).waitFor();
  await acuity.getByText('Standard').waitFor();
  await page.getByRole('button', { name: /Show \d+ earlier ones/ }).click();
  assert.ok((await page.getByRole('row').count()) > 450);
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

type Change = (parts: ParametersParameter[]) => void;

/** Answers as of a server whose rows or answers have more in them. */
async function changing(page: Page, address: RegExp, change: Change): Promise<void> {
  await page.route(address, async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    if (answer.parameter) change(answer.parameter);
    await route.fulfill({ response, json: answer });
  });
}

test('the last complete score stands beside an incomplete one', async () => {
  const { id } = (await world.arrive('Only a pulse')) as Encounter;
  const [context, page] = await open(browser);
  await changing(page, /\$board/, (parts) => {
    const row = parts.find((p) =>
      p.part?.some((q) => q.valueReference?.reference === `Encounter/${id}`),
    );
    row?.part?.push(
      {
        name: 'score',
        part: [
          { name: 'scheme', valueCode: 'news2' },
          { name: 'state', valueCode: 'incomplete' },
          { name: 'at-least', valueInteger: 1 },
          { name: 'missing', valueCode: 'temperature' },
        ],
      },
      {
        name: 'last-complete',
        part: [
          { name: 'scheme', valueCode: 'news2' },
          { name: 'state', valueCode: 'complete' },
          { name: 'total', valueInteger: 9 },
          { name: 'label', valueString: 'High' },
          { name: 'at', valueInstant: new Date(Date.now() - 600_000).toISOString() },
        ],
      },
    );
  });
  await toBoard(world, page, 'nurse');
  const row = rowOf(page, 'Only a pulse');
  await row.getByText('incomplete').waitFor();
  await row.getByText(/last complete/).waitFor();
  assert.match((await row.textContent()) ?? '', /last complete 9 High/);
  // On paper as well.
  await page.emulateMedia({ media: 'print' });
  assert.ok(await row.getByText(/last complete/).isVisible());
  await page.emulateMedia({ media: 'screen' });
  await row.getByRole('link').click();
  await page
    .getByRole('region', { name: 'Score' })
    .getByText(/last complete/)
    .waitFor();
  assert.deepEqual(await violations(page), [], 'attendance');
  await context.close();
});

test('where nobody knows the scale, neither is chosen, and nothing is stored without', async () => {
  await world.arrive('Sealed before');
  const [context, page] = await open(browser);
  await changing(page, /\$assess/, (parts) => {
    const known = parts.find((part) => part.name === 'spo2-scale-known');
    if (known) known.valueBoolean = false;
  });
  await toBoard(world, page, 'nurse');
  await openForm(page, 'Sealed before');
  await page.getByLabel('Oxygen saturation').fill('90');
  await page.getByLabel('Pulse').fill('80');
  const asked = page.getByRole('group', { name: 'Which SpO₂ scale holds?' });
  await asked.waitFor();
  assert.equal(await asked.getByRole('radio', { checked: true }).count(), 0);
  await page.getByRole('radio', { name: /Urgent$/ }).check();
  await page.getByRole('button', { name: 'Store assessment' }).click();
  await page.getByText('Nothing is stored yet: say which SpO₂ scale holds').waitFor();
  assert.deepEqual(await violations(page), [], 'scale');
  await asked.getByRole('radio', { name: /Scale 2/ }).check();
  await page.getByLabel('How this is known').fill('prescribed by the respiratory team');
  const sent = page.waitForRequest((r) => r.url().includes('$assess') && !isPreview(r.postData()));
  await page.getByRole('button', { name: 'Store assessment' }).click();
  assert.match((await sent).postData() ?? '', /"spo2-scale","valueInteger":2/);
  await page.getByText('The assessment is stored.').waitFor();
  await context.close();
});

const isPreview = (body: string | null) => /"preview","valueBoolean":true/.test(body ?? '');
