import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { fillVitals, openForm, rowOf, toBoard } from '../emergency/ways.ts';
import { World } from '../emergency/world.ts';
import { faultsOf, open, violations } from '../support/browser.ts';
import { staged } from '../support/stage.ts';

// Ways of nurses, receptionists and walls through the emergency department.

let world: World;
let browser: Browser;

staged(
  () => World.start(10),
  (...all) => {
    [browser, world] = all;
  },
);

async function arrive(page: Page, complaint: string): Promise<void> {
  await page.getByRole('link', { name: 'New arrival' }).click();
  const { typed, family } = world.somebody();
  await page.getByLabel('Who is it?').fill(typed);
  await page.getByRole('button', { name: new RegExp(family, 'i') }).click();
  await page.getByLabel('What is wrong').fill(complaint);
  await page.getByRole('button', { name: 'Record the arrival' }).click();
  await page.getByText('The arrival is recorded.').waitFor();
  await page.getByRole('link', { name: 'Back to the board' }).click();
}

test('from arrival to the end, with two nurses at once', async () => {
  const [one, first] = await open(browser);
  const [two, second] = await open(browser);
  await toBoard(world, first, 'nurse');
  await toBoard(world, second, 'alder');
  await arrive(first, 'Crushed finger');
  // The other nurse sees it without doing anything.
  await rowOf(second, 'Crushed finger').getByText('Not assessed').waitFor();
  await openForm(first, 'Crushed finger');
  await openForm(second, 'Crushed finger');
  await fillVitals(first, '88');
  const score = first.getByRole('region', { name: 'National Early Warning Score 2' });
  await score.getByText('Low', { exact: true }).waitFor();
  await first.getByRole('radio', { name: /Standard$/ }).check();
  await first.getByRole('button', { name: 'Store assessment' }).click();
  await first.getByText('The assessment is stored.').waitFor();
  // Who was second is told so, loses nothing, and decides.
  await fillVitals(second, '118');
  await second.getByRole('radio', { name: /Urgent$/ }).check();
  await second.getByRole('button', { name: 'Store assessment' }).click();
  const notice = second.getByRole('alert').filter({ hasText: 'Somebody else was first' });
  await notice.getByText('Pulse: 118 /min').waitFor();
  await notice.getByText('Standard').first().waitFor();
  assert.deepEqual(await violations(second), [], 'somebody else was first');
  assert.equal(await second.getByLabel('Pulse').inputValue(), '118');
  await second.getByRole('button', { name: 'Store mine as a further assessment' }).click();
  await second.getByText('The assessment is stored.').waitFor();
  // Both are in the course: the initial acuity and the later one.
  await first.getByRole('region', { name: 'Acuity' }).getByText('Urgent').waitFor();
  await first.getByRole('region', { name: 'Acuity' }).getByText('Standard').waitFor();
  await first.getByRole('button', { name: 'End the attendance' }).click();
  await first.getByText('Went home').click();
  await first.getByRole('button', { name: 'Go on' }).click();
  await first.getByRole('button', { name: 'End the attendance now' }).click();
  await first.getByRole('heading', { name: 'Emergency board' }).waitFor();
  await second.getByText('No longer on the board').waitFor();
  assert.deepEqual([...faultsOf(first), ...faultsOf(second)], []);
  await one.close();
  await two.close();
});

test('a value that is typed to its end stores nothing, and a review is said to be made', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const { id } = await world.arrive('Fever and rigors');
  await openForm(page, 'Fever and rigors');
  await fillVitals(page, '135');
  await page.getByLabel('Respiration rate').fill('28');
  await page.getByLabel('Respiration rate').press('Enter');
  await page.waitForFunction(() => document.activeElement?.id !== 'respiration');
  await page.getByRole('radio', { name: /Very urgent$/ }).check();
  const stored = async () => {
    const found = await world.as('GET', `Observation?encounter=${id}&_summary=count`);
    return (found as { total: number }).total;
  };
  assert.equal(await stored(), 0);
  await page.getByRole('button', { name: 'Store assessment' }).click();
  await page.getByText('The assessment is stored.').waitFor();
  const due = page.getByRole('region', { name: 'Due' });
  await due.getByText('Medical review').waitFor();
  await page.getByRole('button', { name: 'Review is done' }).click();
  await page.getByRole('button', { name: 'Yes, I have reviewed them' }).click();
  await due.getByText('Medical review').waitFor({ state: 'detached' });
  assert.deepEqual(await violations(page), [], 'after a review');
  assert.deepEqual(faultsOf(page), []);
  await context.close();
});

test('an unlikely value has to be confirmed, and scale 2 needs a reason', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  await page.getByRole('rowheader').getByRole('link').first().click();
  await page.getByRole('button', { name: /^Assess/ }).click();
  await page.getByLabel('Pulse').fill('260');
  await page.getByText(/measure again/).waitFor();
  await page.getByLabel('Measured again: 260 /min is right').check();
  await page.getByLabel('Pulse').fill('9o');
  await page.getByText('A number is needed').waitFor();
  await page.getByLabel(/scale 2/).check();
  assert.equal(await page.getByLabel(/^Why scale 2/).getAttribute('aria-invalid'), 'true');
  await context.close();
});

test('nothing typed is lost when the server goes away', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const complaint = 'Wasp in the ear';
  await world.arrive(complaint);
  await openForm(page, complaint);
  await fillVitals(page, '92');
  await page.getByRole('textbox', { name: 'Note' }).fill('Allergic to penicillin.');
  await page.getByRole('radio', { name: /Urgent$/ }).check();
  await world.server.halt();
  await page.getByRole('button', { name: 'Store assessment' }).click();
  await page.getByText('Not stored: the server did not answer.').waitFor();
  assert.equal(
    await page.getByRole('textbox', { name: 'Note' }).inputValue(),
    'Allergic to penicillin.',
  );
  // Going elsewhere and back keeps it as well, and nothing of it is in storage.
  await page.getByRole('link', { name: 'Back to the attendance' }).click();
  await page.getByRole('link', { name: 'Back to the board' }).click();
  await page.getByText('Not live.').waitFor();
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  );
  assert.doesNotMatch(stored, /penicillin|92/);
  await world.server.resume();
  await page.getByText('● Live').waitFor({ timeout: 30_000 });
  await openForm(page, complaint);
  assert.equal(await page.getByLabel('Pulse').inputValue(), '92');
  await page.getByRole('button', { name: /^(Send again|Store assessment)$/ }).click();
  await page.getByText('The assessment is stored.').waitFor();
  await context.close();
});

test('the wall shows no name', async () => {
  const [context, page] = await open(browser, { width: 1920, height: 1080 });
  await toBoard(world, page, 'nurse');
  const names = await page.getByRole('rowheader').getByRole('link').allInnerTexts();
  const told = names.filter((name) => name !== 'Name not known');
  const words = told.flatMap((name) => name.split(/[\s,]+/)).filter((word) => word.length > 4);
  assert.ok(words.length > 8);
  await page.getByRole('link', { name: 'Wall screen' }).click();
  await page.getByRole('listitem').first().waitFor();
  const html = (await page.content()).toLowerCase();
  for (const word of words) {
    const whole = new RegExp(`(?<!\\p{L})${word.toLowerCase()}(?!\\p{L})`, 'u');
    assert.ok(!whole.test(html), 'a name is on the wall');
  }
  assert.doesNotMatch(html, /19\d\d-\d\d-\d\d/);
  const { scroll, height } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollHeight,
    height: innerHeight,
  }));
  assert.ok(scroll <= height);
  assert.deepEqual(await violations(page), [], 'wall');
  await context.close();
});

test('a clinician of another hospital sees nothing', async () => {
  const [context, page] = await open(browser);
  const [mine, nurse] = await open(browser);
  await toBoard(world, nurse, 'nurse');
  await toBoard(world, page, 'birch');
  await world.arrive('Only at Northgate');
  await rowOf(nurse, 'Only at Northgate').waitFor();
  // Loaded anew after it arrived, the board of another hospital does not have it either.
  await page.getByRole('link', { name: 'New arrival' }).click();
  await page.getByLabel('Who is it?').waitFor();
  const board = page.waitForResponse(/\$board/);
  await page.getByRole('link', { name: 'Back to the board' }).click();
  const answer = await (await board).text();
  assert.doesNotMatch(answer, /Only at Northgate/);
  await page.getByRole('heading', { name: 'Emergency board' }).waitFor();
  assert.equal(await rowOf(page, 'Only at Northgate').count(), 0);
  await mine.close();
  await context.close();
});

test('rows stay under the pointer, and go to their places when it leaves', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const links = page.getByRole('rowheader').getByRole('link');
  const before = await links.allInnerTexts();
  await links.nth(2).hover();
  await world.arrive('Bee sting');
  await page.getByText(/Rows stay while you point at them: 1 new/).waitFor();
  assert.deepEqual((await links.allInnerTexts()).slice(0, before.length), before);
  await page.mouse.move(5, 5);
  await page.getByText(/Rows stay while/).waitFor({ state: 'detached' });
  await rowOf(page, 'Bee sting').waitFor();
  await context.close();
});

test('everything is done by keyboard', async () => {
  const [context, page] = await open(browser);
  await toBoard(world, page, 'nurse');
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  const tabTo = async (what: RegExp, most = 60) => {
    for (let i = 0; i < most; i += 1) {
      await page.keyboard.press('Tab');
      if (what.test(await focused())) return;
    }
    assert.fail(`no way by keyboard to ${what}`);
  };
  const named = page.getByRole('rowheader').getByRole('link').first();
  const first = (await named.textContent()) ?? '';
  await tabTo(new RegExp(first));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  assert.match(await focused(), new RegExp(first));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Attendance', exact: true }).waitFor();
  await tabTo(/^Assess/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Assessment' }).waitFor();
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(() => document.activeElement?.id)) === '') continue;
    const label = await page.evaluate(
      () => (document.activeElement as HTMLInputElement | null)?.labels?.[0]?.textContent ?? '',
    );
    if (label.startsWith('Respiration rate')) break;
  }
  await page.keyboard.type('16');
  // A value that is typed to its end leads on, and stores nothing.
  await page.keyboard.press('Enter');
  await tabTo(/^Store assessment/, 120);
  await page.keyboard.press('Enter');
  await page.getByText('The assessment is stored.').waitFor();
  await context.close();
});

for (const dark of [false, true]) {
  test(`axe finds nothing in the department, ${dark ? 'dark' : 'light'}`, async () => {
    const [context, page] = await open(browser, { dark });
    await toBoard(world, page, 'nurse');
    assert.deepEqual(await violations(page), [], 'board');
    await page.getByRole('rowheader').getByRole('link').nth(1).click();
    await page.getByRole('heading', { name: 'Observations' }).waitFor();
    assert.deepEqual(await violations(page), [], 'attendance');
    await page.getByRole('button', { name: 'End the attendance' }).click();
    assert.deepEqual(await violations(page), [], 'end');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Assess/ }).click();
    await page.getByLabel('Pulse').fill('260');
    await page.getByText(/measure again/).waitFor();
    assert.deepEqual(await violations(page), [], 'assessment');
    await page.getByRole('button', { name: 'Drop what I typed' }).click();
    await page.getByRole('link', { name: 'Back to the board' }).click();
    await page.getByRole('link', { name: 'New arrival' }).click();
    const { typed, family } = world.somebody();
    await page.getByLabel('Who is it?').fill(typed);
    await page.getByRole('button', { name: new RegExp(family, 'i') }).click();
    assert.deepEqual(await violations(page), [], 'arrival');
    await context.close();
  });
}

test('nothing is cut off at 320 pixels, nor with letters of twice the size', async () => {
  for (const look of [
    { width: 320, height: 640 },
    { width: 640, height: 400 },
  ]) {
    const [context, page] = await open(browser, look);
    await toBoard(world, page, 'nurse');
    const fits = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
      );
    assert.ok(await fits(), 'board');
    await page.getByRole('rowheader').getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Observations' }).waitFor();
    assert.ok(await fits(), 'attendance');
    await page.getByRole('button', { name: /^Assess/ }).click();
    await page.getByLabel('Pulse').waitFor();
    assert.ok(await fits(), 'assessment');
    await context.close();
  }
});
