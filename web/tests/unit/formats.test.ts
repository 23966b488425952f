import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age } from '../../src/fhir/age.ts';
import { brief, flagOf, isMarker, short } from '../../src/fhir/codes.ts';
import { ago, day, moment, order, span, typedDay } from '../../src/fhir/dates.ts';
import { formal, pick, plain } from '../../src/fhir/name.ts';
import { isNhsNumber, spaced } from '../../src/fhir/nhs.ts';
import { FhirError, sentence, told } from '../../src/fhir/outcome.ts';
import { quantity, referenceOf, valueText } from '../../src/fhir/quantity.ts';

process.env.TZ = 'Europe/London';

test('dates tell as much as is known', () => {
  assert.equal(day('1961'), '1961');
  assert.equal(day('1961-04'), 'Apr-1961');
  assert.equal(day('1961-04-17'), '17-Apr-1961');
  assert.equal(moment('1961-04-17'), '17-Apr-1961');
  for (const wrong of [undefined, '', 'yesterday', '61-04-17', '1961-04-17Tnoon']) {
    assert.equal(day(wrong), undefined);
    assert.equal(order(wrong), Number.NEGATIVE_INFINITY);
  }
});

test('instants are shown in the zone of the reader', () => {
  assert.equal(moment('2026-07-01T23:30:00Z'), '02-Jul-2026 00:30');
  assert.equal(moment('2026-12-01T23:30:00Z'), '01-Dec-2026 23:30');
  assert.equal(moment('2026-12-01T23:30:00-05:00'), '02-Dec-2026 04:30');
});

test('a span names its day once', () => {
  assert.equal(span('2026-12-01T08:00:00Z', '2026-12-01T09:15:00Z'), '01-Dec-2026 08:00 – 09:15');
  assert.equal(
    span('2026-12-01T08:00:00Z', '2026-12-02T09:15:00Z'),
    '01-Dec-2026 08:00 – 02-Dec-2026 09:15',
  );
  assert.equal(span('2026-12-01', undefined), '01-Dec-2026');
  assert.equal(span(undefined, '2026-12-01'), 'until 01-Dec-2026');
  assert.equal(span('2026-12-01', '2026-12-01'), '01-Dec-2026');
});

test('how long ago it was', () => {
  const now = new Date('2026-12-10T12:00:00Z');
  assert.equal(ago('2026-12-10T11:59:30Z', now), 'just now');
  assert.equal(ago('2026-12-10T11:55:00Z', now), '5 min ago');
  assert.equal(ago('2026-12-10T09:01:00Z', now), '2 h ago');
  assert.equal(ago('2026-12-03T12:00:00Z', now), '7 d ago');
  assert.equal(ago('2026-11-03T12:00:00Z', now), '03-Nov-2026');
  assert.equal(ago('2026-12-10', now), '10-Dec-2026');
  assert.equal(ago('2026-12-11T12:00:00Z', now), '11-Dec-2026 12:00');
});

test('days are typed in many ways, and days that do not exist in none', () => {
  for (const text of [
    '17/04/1961',
    '17-Apr-1961',
    '17 4 1961',
    '1961-04-17',
    '17.04.1961',
    ' 17 april 1961 ',
  ]) {
    assert.equal(typedDay(text), '1961-04-17', text);
  }
  for (const text of ['31/02/1961', '17/13/1961', '17 Foo 1961', '1961', '17/04/61', '']) {
    assert.equal(typedDay(text), undefined, text);
  }
});

test('ages are told as on a banner', () => {
  const at = new Date('2026-11-22T12:00:00');
  const cases: [string, string | undefined][] = [
    ['2026-11-22T11:01:00', '59min'],
    ['2026-11-21T12:30:00', '23hrs'],
    ['2026-11-10', '12d'],
    ['2026-10-01', '7w 3d'],
    ['2025-11-22', '12m 0d'],
    ['2025-11-21', '12m 1d'],
    ['2025-01-10', '22m 12d'],
    ['2020-11-23', '5y 11m'],
    ['2008-11-23', '17y 11m'],
    ['2008-11-22', '18y'],
    ['1961-04-17', '65y'],
    ['1961', 'about 65y'],
    ['2027-01-01', undefined],
    ['soon', undefined],
  ];
  for (const [born, expected] of cases) assert.equal(age(born, at), expected, born);
  assert.equal(age('2025-01-31', new Date('2026-03-01T01:00:00')), '13m 1d');
});

test('NHS numbers have a digit that checks the others', () => {
  assert.ok(isNhsNumber('999 000 0018'));
  assert.ok(isNhsNumber('9434765919'));
  assert.ok(!isNhsNumber('9434765918'));
  assert.ok(!isNhsNumber('943476591'));
  assert.ok(!isNhsNumber('94347659190'));
  // One digit wrong, or two neighbours exchanged, is always found.
  const right = '9434765919';
  for (let i = 0; i < 10; i++) {
    for (let d = 0; d < 10; d++) {
      const wrong = right.slice(0, i) + d + right.slice(i + 1);
      assert.equal(isNhsNumber(wrong), wrong === right);
    }
    const turned = right.slice(0, i) + (right[i + 1] ?? '') + right[i] + right.slice(i + 2);
    if (turned.length === 10 && turned !== right) assert.ok(!isNhsNumber(turned), turned);
  }
  assert.equal(spaced('9434765919'), '943 476 5919');
  assert.equal(spaced('M0000012'), 'M0000012');
});

test('names: the family in capitals, the old name never', () => {
  const names = [
    { use: 'old' as const, family: 'Before' },
    { use: 'usual' as const, family: "O'Neill-Łaski", given: ['Anna', 'Maria'], prefix: ['Dr'] },
  ];
  assert.equal(formal(pick(names)), "O'NEILL-ŁASKI, Anna Maria (Dr)");
  assert.equal(plain(pick(names)), "Dr Anna Maria O'Neill-Łaski");
  assert.equal(formal({ text: 'Somebody' }), 'Somebody');
  assert.equal(formal({ family: 'Only' }), 'ONLY');
  assert.equal(formal(undefined), 'Name not known');
  assert.equal(formal(pick([{ use: 'old', family: 'Before' }])), 'BEFORE');
});

test('quantities keep their digits, their comparator and their unit', () => {
  assert.equal(quantity({ value: 5.4, unit: 'mmol/L' }), '5.4\u00a0mmol/L');
  assert.equal(quantity({ value: 92, unit: '%' }), '92%');
  assert.equal(quantity({ value: 37.2, code: 'Cel' }), '37.2°C');
  assert.equal(quantity({ value: 3, comparator: '<', unit: 'ng/L' }), '<3\u00a0ng/L');
  assert.equal(quantity({ value: 0 }), '0');
  assert.equal(quantity({ unit: 'mg' }), undefined);
  const base = { resourceType: 'Observation' as const, status: 'final' as const, code: {} };
  assert.equal(valueText({ ...base, valueBoolean: false }), 'No');
  assert.equal(valueText({ ...base, valueInteger: 0 }), '0');
  assert.equal(valueText({ ...base, dataAbsentReason: { text: 'haemolysed' } }), 'haemolysed');
  const range = [{ low: { value: 3.5, unit: 'mmol/L' }, high: { value: 5, unit: 'mmol/L' } }];
  assert.equal(referenceOf({ ...base, referenceRange: range }), '3.5\u00a0–\u00a05\u00a0mmol/L');
  const potassium = { ...base, referenceRange: range };
  assert.equal(referenceOf(potassium, { value: 4, unit: 'mmol/L' }), '3.5\u00a0–\u00a05');
  assert.equal(referenceOf(potassium, { value: 4, unit: 'mg/L' }), referenceOf(potassium));
  assert.equal(referenceOf({ ...base, referenceRange: [{ high: { value: 9 } }] }), '≤ 9');
  assert.equal(referenceOf({ ...base, referenceRange: [{ text: 'negative' }] }), 'negative');
});

test('codes: what is said at a bedside, and what calls for attention', () => {
  const loinc = (code: string, display: string) => ({ coding: [{ code, display }] });
  assert.equal(brief(loinc('2823-3', 'Potassium [Moles/volume] in Serum or Plasma')), 'Potassium');
  assert.equal(short('Thyrotropin [Units/volume] in Serum or Plasma'), 'Thyrotropin');
  assert.equal(flagOf({ interpretation: [{ coding: [{ code: 'N' }] }] }), undefined);
  assert.equal(flagOf({ interpretation: [{ coding: [{ code: 'HH' }] }] })?.critical, true);
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
  const marker = { resourceType: 'Basic', meta: { security: [{ system, code: 'BTG' }] } };
  assert.ok(isMarker(marker));
  assert.ok(!isMarker({ ...marker, meta: { security: [{ system: 'urn:other', code: 'BTG' }] } }));
});

test('faults are told in words, the same one once', () => {
  const issue = {
    severity: 'error' as const,
    code: 'conflict' as const,
    diagnostics: 'no `x` here',
  };
  const fault = new FhirError(409, { resourceType: 'OperationOutcome', issue: [issue, issue] });
  assert.deepEqual(told(fault).details, ['No `x` here.']);
  assert.match(told(new FhirError(0)).title, /connection/);
  assert.match(told(new FhirError(599)).title, /server failed/);
  assert.equal(sentence('a. b?'), 'A. b?');
});

test('of what was to be stored without an answer nobody says that it is sent again', () => {
  for (const fault of [new FhirError(0), new FhirError(500), new FhirError(503), new Error('x')]) {
    assert.match(told(fault, true).advice, /may or may not have been done.*not sent again/);
    assert.doesNotMatch(told(fault).advice, /done/);
  }
  assert.match(told(new FhirError(0)).advice, /loaded again when the connection is back/);
  assert.match(told(new FhirError(409), true).advice, /Nothing was changed/);
});
