import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dosage, FhirResource, MedicationRequest } from 'fhir/r4';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { doses } from '../../src/chart/medicines/dose.ts';
import { named } from '../../src/chart/medicines/medicine.ts';
import { Stands } from '../../src/chart/parts/Stands.tsx';
import { byKind } from '../../src/chart/results/kinds.ts';
import { Value } from '../../src/chart/results/value.tsx';
import { standing } from '../../src/chart/standing.ts';
import { eventOf, SOURCES } from '../../src/chart/timeline/events.ts';

const verified = (code: string) => ({ verificationStatus: { coding: [{ code }] } });

/** What stands for something, and how: `~` before what is struck out. */
const CASES: [type: string, members: object, expected: string][] = [
  ['Condition', verified('confirmed'), 'X'],
  ['Condition', {}, 'X'],
  ['Condition', verified('refuted'), '~X (refuted)'],
  ['Condition', verified('entered-in-error'), '~X (entered in error)'],
  ['Condition', verified('provisional'), 'X (provisional)'],
  ['Condition', verified('differential'), 'X (differential)'],
  ['Condition', verified('unconfirmed'), 'X (unconfirmed)'],
  ['MedicationRequest', { status: 'active', intent: 'order' }, 'X'],
  ['MedicationRequest', { status: 'active', doNotPerform: true }, 'Do NOT give: X'],
  ['MedicationRequest', { status: 'on-hold', doNotPerform: true }, 'Do NOT give: X (on hold)'],
  ['MedicationRequest', { status: 'cancelled', doNotPerform: true }, 'Cancelled: Do NOT give: X'],
  ['MedicationRequest', { status: 'on-hold', intent: 'order' }, 'X (on hold)'],
  ['MedicationRequest', { status: 'active', intent: 'proposal' }, 'X (proposed)'],
  ['MedicationRequest', { status: 'active', intent: 'plan' }, 'X (planned)'],
  ['MedicationRequest', { status: 'active', intent: 'option' }, 'X (an option)'],
  ['MedicationRequest', { status: 'on-hold', intent: 'plan' }, 'X (planned, on hold)'],
  ['MedicationRequest', { status: 'cancelled' }, 'Cancelled: X'],
  ['MedicationRequest', { status: 'stopped' }, 'X (stopped)'],
  ['MedicationRequest', { status: 'completed' }, 'X (completed)'],
  ['MedicationRequest', { status: 'draft' }, 'X (draft)'],
  ['MedicationRequest', { status: 'unknown' }, 'X (status not known)'],
  ['MedicationRequest', { status: 'entered-in-error' }, '~X (entered in error)'],
  ['MedicationStatement', { status: 'active' }, 'X (as reported)'],
  ['MedicationStatement', { status: 'not-taken' }, 'Not taken: X (as reported)'],
  ['MedicationStatement', { status: 'on-hold' }, 'X (as reported, on hold)'],
  ['MedicationStatement', { status: 'intended' }, 'X (as reported, intended)'],
  ['MedicationStatement', { status: 'stopped' }, 'X (as reported, stopped)'],
  ['MedicationStatement', { status: 'completed' }, 'X (as reported, completed)'],
  ['MedicationStatement', { status: 'entered-in-error' }, '~X (entered in error)'],
  ['Procedure', { status: 'completed' }, 'X'],
  ['Procedure', { status: 'not-done' }, 'Not done: X'],
  ['Procedure', { status: 'entered-in-error' }, '~X (entered in error)'],
  ['Procedure', { status: 'preparation' }, 'X (being prepared)'],
  ['Procedure', { status: 'in-progress' }, 'X (under way)'],
  ['Procedure', { status: 'on-hold' }, 'X (on hold)'],
  ['Procedure', { status: 'stopped' }, 'X (stopped before its end)'],
  ['Procedure', { status: 'unknown' }, 'X (status not known)'],
  ['Observation', { status: 'final' }, 'X'],
  ['Observation', { status: 'preliminary' }, 'X (preliminary)'],
  ['Observation', { status: 'registered' }, 'X (no result yet)'],
  ['Observation', { status: 'amended' }, 'X (amended)'],
  ['Observation', { status: 'corrected' }, 'X (corrected)'],
  ['Observation', { status: 'cancelled' }, '~X (cancelled)'],
  ['Observation', { status: 'entered-in-error' }, '~X (entered in error)'],
  ['DiagnosticReport', { status: 'final' }, 'X'],
  ['DiagnosticReport', { status: 'partial' }, 'X (not complete)'],
  ['DiagnosticReport', { status: 'preliminary' }, 'X (preliminary)'],
  ['DiagnosticReport', { status: 'amended' }, 'X (amended)'],
  ['DiagnosticReport', { status: 'corrected' }, 'X (corrected)'],
  ['DiagnosticReport', { status: 'appended' }, 'X (added to)'],
  ['DiagnosticReport', { status: 'cancelled' }, '~X (cancelled)'],
  ['DiagnosticReport', { status: 'entered-in-error' }, '~X (entered in error)'],
  ['DocumentReference', { status: 'current', docStatus: 'final' }, 'X'],
  ['DocumentReference', { status: 'superseded' }, 'X (superseded by another)'],
  ['DocumentReference', { status: 'entered-in-error' }, '~X (entered in error)'],
  ['DocumentReference', { status: 'current', docStatus: 'preliminary' }, 'X (preliminary)'],
  [
    'DocumentReference',
    { status: 'current', docStatus: 'entered-in-error' },
    '~X (entered in error)',
  ],
  ['Encounter', { status: 'finished' }, 'X'],
  ['Encounter', { status: 'cancelled' }, 'Cancelled: X'],
  ['Encounter', { status: 'planned' }, 'X (planned)'],
  ['Encounter', { status: 'entered-in-error' }, '~X (entered in error)'],
];

const plain = (html: string) =>
  html
    .replaceAll('<s>', '~')
    .replace(/<[^>]+>/g, '')
    .trim();
const of = (resourceType: string, members: object) =>
  ({ resourceType, id: 'x', code: { text: 'X' }, ...members }) as FhirResource;

for (const [type, members, expected] of CASES) {
  test(`${type} ${JSON.stringify(members)} reads "${expected}"`, () => {
    const shown = createElement(Stands, { of: of(type, members) } as never, 'X');
    assert.equal(plain(renderToStaticMarkup(shown)), expected);
  });
}

test('the timeline tells how far an event happened', () => {
  const procedures = SOURCES.find((source) => source.type === 'Procedure');
  assert.ok(procedures);
  assert.equal(
    eventOf(procedures, of('Procedure', { status: 'not-done' })).standing.not,
    'Not done',
  );
});

test('a result says that it is not final, and one entered in error is none', () => {
  const observed = (status: string) => of('Observation', { status, valueInteger: 4 }) as never;
  const shown = renderToStaticMarkup(createElement(Value, { of: observed('preliminary') }));
  assert.match(plain(shown), /^4 +\(preliminary\)$/);
  assert.equal(byKind([observed('entered-in-error'), observed('cancelled')]).length, 0);
  assert.equal(byKind([observed('preliminary')]).length, 1);
  assert.deepEqual(standing(observed('final')), {});
});

test('a medicine is named by what it holds within', () => {
  const request = {
    resourceType: 'MedicationRequest',
    medicationReference: { reference: '#m' },
    contained: [{ resourceType: 'Medication', id: 'm', code: { text: 'Warfarin' } }],
  } as unknown as MedicationRequest;
  assert.equal(named(request), 'Warfarin');
  assert.equal(named({ ...request, contained: [] }), undefined);
});

test('a dose says how much and how often, or that nobody said how often', () => {
  const mg = { doseAndRate: [{ doseQuantity: { value: 5, unit: 'mg' } }] };
  const often = (frequency: number, period: number, periodUnit: 'd' | 'h' | 'wk') => ({
    timing: { repeat: { frequency, period, periodUnit } },
  });
  const told: [Dosage[], string | undefined][] = [
    [[], undefined],
    [[{ text: 'one at night' }], 'one at night'],
    [[mg], '5\u00a0mg, how often is not recorded'],
    [[{ ...mg, ...often(3, 1, 'd') }], '5\u00a0mg, 3 times a day'],
    [[{ ...mg, ...often(1, 1, 'd') }], '5\u00a0mg, once a day'],
    [[{ ...mg, ...often(1, 8, 'h') }], '5\u00a0mg, every 8 hours'],
    [[{ ...mg, ...often(1, 1, 'wk') }], '5\u00a0mg, once a week'],
    [[{ ...mg, asNeededBoolean: true }], '5\u00a0mg, when required'],
    [
      [{ ...mg, ...often(4, 1, 'd'), asNeededCodeableConcept: { text: 'pain' } }],
      '5\u00a0mg, 4 times a day, when required for pain',
    ],
    [
      [
        {
          doseAndRate: [{ doseRange: { low: { value: 1 }, high: { value: 2 } } }],
          ...often(1, 1, 'd'),
        },
      ],
      '1\u00a0–\u00a02, once a day',
    ],
    [
      [
        {
          doseAndRate: [{ rateQuantity: { value: 50, unit: 'mL/h' } }],
          timing: { code: { text: 'continuous' } },
        },
      ],
      'at 50\u00a0mL/h, continuous',
    ],
    [
      [
        { sequence: 2, text: 'then half' },
        { sequence: 1, text: 'one' },
      ],
      'one; then then half',
    ],
    [[{ text: 'one' }, { text: 'two at night' }], 'one; and two at night'],
  ];
  for (const [given, expected] of told) assert.equal(doses(given), expected);
});
