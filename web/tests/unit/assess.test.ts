import '../emergency/window.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asksAcuity,
  type Draft,
  empty,
  isBegun,
  isRated,
  parameters,
  sheetMistake,
} from '../../src/emergency/assess/draft.ts';
import { firstMistake, vitalParts } from '../../src/emergency/assess/vitals.ts';

const { takenText } = await import('../../src/emergency/assess/OtherForm.tsx');

const draft = (part: Partial<Draft>): Draft => ({ ...empty({ version: '1' }), ...part });

/** Of an adult without flags. */
const NONE = { flags: [], arrived: undefined, child: false };

/** The codes of the vitals that would be sent. */
const sent = (values: Record<string, string>) =>
  vitalParts(values, [], false).map(({ part }) => part?.[0]?.valueCode);

test('a flow of oxygen goes out with a device only', () => {
  const values = { 'oxygen-device': 'nasal-cannula', 'oxygen-flow': '2' };
  assert.deepEqual(sent(values), ['oxygen-device', '3151-8']);
  assert.deepEqual(sent({ ...values, 'oxygen-device': 'air' }), ['oxygen-device']);
  assert.deepEqual(sent({ ...values, 'oxygen-device': '' }), []);
  assert.deepEqual(sent({ 'oxygen-flow': '2' }), []);
});

test('what is no number is named before it would be lost, unless it is hidden', () => {
  for (const [id, text] of [
    ['temperature', '36.755'],
    ['systolic', '120/80'],
    ['respiration', '16o'],
    ['weight', 'about 70'],
  ] as const)
    assert.equal(firstMistake({ pulse: '90', [id]: text }, false)?.id, id);
  assert.equal(
    firstMistake({ temperature: '36,8', consciousness: 'A', pulse: ' ' }, false),
    undefined,
  );
  const flow = { 'oxygen-flow': '2l' };
  assert.equal(firstMistake({ ...flow, 'oxygen-device': 'venturi' }, false)?.id, 'oxygen-flow');
  assert.equal(firstMistake({ ...flow, 'oxygen-device': 'air' }, false), undefined);
});

test('a concern alone begins a form, and is sent', () => {
  assert.equal(isBegun(draft({})), false);
  const worried = draft({ concerns: ['carer-high'] });
  assert.equal(isBegun(worried), true);
  assert.deepEqual(parameters(worried, { ...NONE, child: true }, true).at(-1), {
    name: 'concern',
    valueCode: 'carer-high',
  });
});

test('an acuity is named, follows from answers, or stays', () => {
  assert.equal(isRated(draft({}), undefined), false);
  assert.equal(isRated(draft({ lifeThreat: false, highRisk: false }), undefined), false);
  assert.equal(isRated(draft({}), 3), true);
  const answered = { lifeThreat: false, highRisk: false, resources: 0 };
  for (const part of [{ acuity: 2 }, { lifeThreat: true }, { highRisk: true }, answered])
    assert.equal(isRated(draft(part), undefined), true);
  for (const part of [{ resources: 0 }, { lifeThreat: false, resources: 0 }])
    assert.equal(isRated(draft(part), undefined), false, 'not before the first two are answered');
});

test('what is entered from the sheet says when it was, and why only now', () => {
  const now = new Date(2026, 10, 23, 9, 0);
  const late = draft({ takenAt: '23:10', takenReason: 'Downtime', flagEnds: ['falls'] });
  assert.equal(isBegun(late), true);
  const parts = parameters({ ...late, ageMonths: '36' }, { ...NONE, flags: ['falls'] }, false, now);
  const at = parts.find(({ name }) => name === 'at')?.valueInstant ?? '';
  assert.equal(Date.parse(at), new Date(2026, 10, 22, 23, 10).getTime());
  assert.ok(parts.some((p) => p.name === 'at-reason' && p.valueString === 'Downtime'));
  assert.ok(parts.some((p) => p.name === 'flag-end' && p.valueCode === 'falls'));
  assert.ok(parts.some((p) => p.name === 'age-months' && p.valueInteger === 36));
  assert.equal(sheetMistake(late, now), undefined);
  assert.match(sheetMistake({ ...late, takenReason: ' ' }, now) ?? '', /say why/);
  assert.equal(sheetMistake({ ...late, takenAt: '08:55', takenReason: '' }, now), undefined);
  assert.match(sheetMistake({ ...late, takenAt: 'ten' }, now) ?? '', /14:05/);
  assert.match(sheetMistake({ ...late, ageMonths: '3y' }, now) ?? '', /whole number/);
  // A form without these sends none of them, to servers that do not know them.
  const names = parameters(draft({}), NONE, false, now).map(({ name }) => name);
  assert.deepEqual(names, ['preview', 'version']);
});

test('a flag that somebody else has ended meanwhile is not ended once more', () => {
  const ending = draft({ flagEnds: ['falls', 'sepsis'] });
  const ends = (preview: boolean) =>
    parameters(ending, { ...NONE, flags: ['sepsis'] }, preview).flatMap((part) =>
      part.name === 'flag-end' ? part.valueCode : [],
    );
  assert.deepEqual(ends(true), ['sepsis']);
  assert.deepEqual(ends(false), ['sepsis']);
});

test('in the minute of the arrival it was the arrival; just now is no time of the past', () => {
  const now = new Date(2026, 10, 23, 14, 5, 30);
  const sent = (takenAt: string, arrived?: Date, at = now) =>
    parameters(draft({ takenAt }), { ...NONE, arrived: arrived?.getTime() }, true, at).find(
      ({ name }) => name === 'at',
    )?.valueInstant;
  const arrived = new Date(2026, 10, 23, 13, 40, 20);
  assert.equal(sent('13:40', arrived), arrived.toISOString());
  assert.equal(sent('13:41', arrived), new Date(2026, 10, 23, 13, 41).toISOString());
  assert.equal(sent('14:05', arrived), undefined);
  assert.equal(sent('14:07', arrived), undefined, 'another clock is a little ahead');
  const before = new Date(2026, 10, 23, 23, 59, 30);
  assert.equal(sent('00:00', arrived, before), undefined);
  assert.equal(takenText('13:40', now, arrived.getTime()), 'That is today 13:40.');
  assert.equal(takenText('14:06', now, arrived.getTime()), 'That is now.');
  assert.equal(takenText('23:50', now, undefined), 'That is yesterday 23:50.');
  assert.equal(takenText('23', now, undefined), '');
});

test('what is asked of children alone is neither sent nor minded of anybody else', () => {
  const typed = draft({
    values: { pulse: '90', 'capillary-refill': '2', 'respiratory-distress': 'mild' },
    concerns: ['carer-high'],
  });
  const names = (child: boolean) =>
    parameters(typed, { ...NONE, child }, true).flatMap(({ name, part }) =>
      name === 'vital' ? part?.[0]?.valueCode : name === 'concern' ? name : [],
    );
  assert.deepEqual(names(true), ['8867-4', '44963-7', 'respiratory-distress', 'concern']);
  assert.deepEqual(names(false), ['8867-4']);
  assert.equal(firstMistake({ 'capillary-refill': 'x' }, false), undefined);
  assert.equal(firstMistake({ 'capillary-refill': 'x' }, true)?.id, 'capillary-refill');
});

test('who is only moved, flagged or given a bed needs no acuity; who is looked at does', () => {
  for (const part of [
    { area: 'majors' },
    { flags: ['falls'] },
    { flagEnds: ['falls'] },
    { bed: true },
  ])
    assert.equal(asksAcuity(draft(part), false), false, JSON.stringify(part));
  const looked: Partial<Draft>[] = [
    { values: { pulse: '90' } },
    { note: 'Better.' },
    { highRisk: false },
    { acuity: 3 },
    { resources: 1 },
    {},
  ];
  for (const part of looked)
    assert.equal(
      asksAcuity(draft({ ...part, ...(part.note ? { area: 'majors' } : {}) }), false),
      true,
    );
  const worried = { area: 'majors', concerns: ['carer-high'] };
  assert.equal(asksAcuity(draft(worried), true), true);
  assert.equal(asksAcuity(draft(worried), false), false, 'not shown, and not sent');
});

test('everything that somebody types is something begun', () => {
  const texts = ['takenAt', 'takenReason', 'ageMonths', 'scaleReason', 'overrideReason', 'note'];
  for (const name of texts) {
    assert.equal(isBegun(draft({ [name]: 'x' })), true, name);
    assert.equal(isBegun(draft({ [name]: ' ' })), false, name);
  }
});

test('a draft goes with what was sent, and stays where more was typed since', async () => {
  const { draftOf, dropDraft, hasDraft } = await import('../../src/emergency/assess/drafts.ts');
  const store = draftOf({ id: 'e', version: '1' });
  const sent = draft({ note: 'Seen.' });
  store.set(sent);
  store.set({ ...sent, note: 'Seen. Pale.' });
  dropDraft('e', sent);
  assert.equal(hasDraft('e'), true);
  dropDraft('e', store.get());
  assert.equal(hasDraft('e'), false);
});
