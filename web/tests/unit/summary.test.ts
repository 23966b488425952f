import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Encounter, Observation } from 'fhir/r4';
import { byKind, lines, ofOneUnit } from '../../src/chart/results/kinds.ts';
import { resultText } from '../../src/chart/results/value.tsx';
import { notable } from '../../src/chart/summary/notable.ts';
import { missing, whole } from '../../src/chart/summary/taken.ts';
import { eventOf, merge, missingOf, SOURCES } from '../../src/chart/timeline/events.ts';
import { flagOf } from '../../src/fhir/codes.ts';
import { latest } from '../../src/fhir/dates.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import { referenceOf, valueText } from '../../src/fhir/quantity.ts';

const flagged = (...codes: string[]) => ({
  interpretation: codes.map((code) => ({ coding: [{ code }] })),
});

test('what is critical comes before what is out of range, and that before the rest', () => {
  const result = (code: string, day: number, ...codes: string[]) =>
    ({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ code }] },
      effectiveDateTime: `2026-01-0${day}`,
      ...flagged(...codes),
    }) as Observation;
  const kinds = byKind([
    result('fine-new', 9),
    result('high', 8, 'H'),
    result('fine-old', 1, 'N'),
    result('critical-old', 2, 'LL'),
    result('low-old', 3, 'L'),
  ]);
  assert.deepEqual(
    notable(kinds).map(({ key }) => key),
    ['|critical-old', '|high', '|low-old', '|fine-new', '|fine-old'],
  );
});

test('the worst flag counts, of the components too', () => {
  assert.equal(flagOf(flagged('N', 'H', 'HH'))?.letter, 'HH');
  const component = [
    { code: {}, ...flagged('L') },
    { code: {}, ...flagged('H>') },
  ];
  assert.equal(flagOf({ component })?.letter, 'H>');
  for (const code of ['>', '<', 'L<', 'R', 'DET']) assert.ok(flagOf(flagged(code)), code);
});

test('a date that is not whole goes to its end', () => {
  const at = (...parts: [number, number, number]) => new Date(...parts).getTime() - 1;
  assert.equal(latest('2026'), at(2027, 0, 1));
  assert.equal(latest('2026-02'), at(2026, 2, 1));
  assert.equal(latest('2026-02-28'), at(2026, 2, 1));
  assert.equal(latest('2026-02-28T10:00:00Z'), Date.UTC(2026, 1, 28, 10));
  assert.equal(latest(undefined), Number.NEGATIVE_INFINITY);
});

test('visits are found by their ends: nothing is shown below the end of the last that was told', () => {
  const visits = SOURCES.find((source) => source.type === 'Encounter');
  const documents = SOURCES.find((source) => source.type === 'DocumentReference');
  assert.ok(visits && documents);
  const visit = (id: string, start: string, end?: string) =>
    eventOf(visits, { resourceType: 'Encounter', id, period: { start, end } } as Encounter);
  const written = (id: string, date: string) =>
    eventOf(documents, { resourceType: 'DocumentReference', id, date } as never);
  // A long stay ended late, and began long ago: a visit between may not have been told yet.
  const told = [visit('now', '2026-05-01'), visit('long', '2020-01-01', '2026-04-01')];
  const others = [written('a', '2026-04-02T00:00:00Z'), written('b', '2026-03-01T00:00:00Z')];
  const shown = (more: boolean) =>
    merge([
      { events: told, more },
      { events: others, more: false },
    ]).map(({ key }) => key.split('/')[1]);
  assert.deepEqual(shown(true), ['now', 'a']);
  assert.deepEqual(shown(false), ['now', 'a', 'b', 'long']);
});

test('a source that was refused or failed is named', () => {
  const fine = { resource: { resourceType: 'Bundle', type: 'searchset' } as never };
  const answers = SOURCES.map(({ type }) => {
    if (type === 'Procedure') return { fault: new FhirError(500) };
    return type === 'MedicationRequest' ? { fault: new FhirError(403) } : fine;
  });
  assert.deepEqual(missingOf([answers]), [
    { kind: 'Procedures', refused: false },
    { kind: 'Medicines', refused: true },
  ]);
  assert.deepEqual(missingOf([SOURCES.map(() => undefined)]), []);
  // On a later page as well.
  assert.equal(missingOf([SOURCES.map(() => fine), answers]).length, 2);
});

test('numbers of different units share no axis', () => {
  const glucose = (day: number, value: number, unit: string) =>
    ({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'Glucose' },
      effectiveDateTime: `2026-01-0${day}`,
      valueQuantity: { value, unit },
    }) as Observation;
  const [kind] = byKind([
    glucose(1, 95, 'mg/dL'),
    glucose(2, 5.2, 'mmol/L'),
    glucose(3, 5.4, 'mmol/L'),
  ]);
  assert.ok(kind);
  const drawn = ofOneUnit(lines(kind));
  assert.deepEqual(
    drawn.lines.map((line) => line.points.map((p) => p.value)),
    [[undefined, 5.2, 5.4]],
  );
  assert.deepEqual([drawn.unit, drawn.others], ['mmol/L', ['mg/dL']]);
});

test('a value says what it can, and each range whom it is for', () => {
  const base = { resourceType: 'Observation' as const, status: 'final' as const, code: {} };
  const absent = { dataAbsentReason: { text: 'haemolysed' } };
  assert.equal(valueText({ ...base, valueQuantity: { unit: 'mg' }, ...absent }), 'haemolysed');
  const valuePeriod = { start: '2026-01-01', end: '2026-01-03' };
  assert.equal(valueText({ ...base, valuePeriod }), '01-Jan-2026 – 03-Jan-2026');
  const range = (whom: string, value: number) => ({
    high: { value },
    appliesTo: [{ text: whom }],
  });
  assert.equal(
    referenceOf({ ...base, referenceRange: [range('Women', 150), range('Men', 170)] }),
    'Women: ≤ 150; Men: ≤ 170',
  );
});

test('two pressures are read as one where they are of one unit, with what bounds them', () => {
  const of = (low: object) =>
    resultText({
      component: [
        { code: { coding: [{ code: '8462-4' }], text: 'Low' }, valueQuantity: low },
        { code: { coding: [{ code: '8480-6' }] }, valueQuantity: { value: 128, unit: 'mmHg' } },
      ],
    } as Observation);
  assert.equal(of({ value: 76, unit: 'mmHg' }), '128/76\u00a0mmHg');
  assert.equal(of({ value: 40, comparator: '<', unit: 'mmHg' }), '128/<40\u00a0mmHg');
  assert.match(of({ value: 10, unit: 'kPa' }), /10.kPa, .*128.mmHg/);
});

test('medicines of two sources are counted together, and a fault of one hides not the other', () => {
  const part = (total: number | undefined, fault?: FhirError) => ({
    items: [],
    total,
    more: false,
    fault,
  });
  assert.equal(whole(part(12), part(3)), 15);
  assert.equal(whole(part(12), part(undefined)), undefined);
  assert.equal(whole(part(12), part(undefined, new FhirError(500))), 12);
  assert.equal(missing(undefined, undefined), undefined);
  assert.equal(
    missing(undefined, new FhirError(500)),
    'What they are said to take could not be loaded.',
  );
  assert.equal(missing(new FhirError(403), undefined), 'What is prescribed is not shown to you.');
  assert.equal(missing(new FhirError(403), new FhirError(403)), undefined);
});

test('a pressure of which one value is missing is read as one, with a dash', () => {
  const of = (code: string, value?: number) => ({
    code: { coding: [{ code }] },
    ...(value === undefined ? {} : { valueQuantity: { value, unit: 'mmHg', code: 'mm[Hg]' } }),
  });
  const text = (high?: number, low?: number) =>
    resultText({
      resourceType: 'Observation',
      status: 'final',
      code: {},
      component: [of('8480-6', high), of('8462-4', low)],
    });
  assert.equal(text(118, 76), '118/76\u00a0mmHg');
  assert.equal(text(118), '118/–\u00a0mmHg');
  assert.equal(text(undefined, 76), '–/76\u00a0mmHg');
});
