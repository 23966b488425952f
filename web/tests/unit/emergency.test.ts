import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Parameters as FhirParameters, Observation } from 'fhir/r4';
import { resultOf, withinMinutes } from '../../src/emergency/assess/result.ts';
import { mistake, typedNumber, VITALS, vitalParts } from '../../src/emergency/assess/vitals.ts';
import { acuities, runs, scaleOf, scores } from '../../src/emergency/attend/course.ts';
import { boardOf } from '../../src/emergency/board/board.ts';
import { areasOf, fits, settle, waiting } from '../../src/emergency/board/order.ts';
import { clocks, clocksLine, expectedIn, lasting, until } from '../../src/emergency/times.ts';
import { expectedLine, initials, paging, wallRows } from '../../src/emergency/wall/wall.ts';
import { backOff, coalesced } from '../../src/live/listen.ts';
import { EventReader } from '../../src/live/sse.ts';

const MIN = 60_000;

test('waits are told in whole minutes that have passed', () => {
  assert.equal(lasting(0), '0 min');
  assert.equal(lasting(59_999), '0 min');
  assert.equal(lasting(59 * MIN), '59 min');
  assert.equal(lasting(60 * MIN), '1 h 00');
  assert.equal(lasting(26 * 60 * MIN + 5 * MIN), '26 h 05');
  assert.equal(lasting(-MIN), '0 min');
});

test('what is left is rounded up, what is over is rounded down', () => {
  assert.equal(until(10 * MIN, 0), 'in 10 min');
  assert.equal(until(10 * MIN, 1_400), 'in 10 min');
  assert.equal(until(9 * MIN + 30_000, 0), 'in 10 min');
  assert.equal(until(59_000, 0), 'in under 1 min');
  assert.equal(until(0, 0), 'due now');
  assert.equal(until(0, 59_999), 'due now');
  assert.equal(until(0, MIN), '1 min overdue');
  assert.equal(until(0, 61 * MIN), '1 h 01 overdue');
});

test('who is expected is late, and nothing of theirs is overdue', () => {
  assert.equal(expectedIn(10 * MIN, 0), 'in 10 min');
  assert.equal(expectedIn(0, 0), 'expected now');
  assert.equal(expectedIn(0, 12 * MIN), '12 min late');
});

test('a countdown never says more than is left, nor less than is over', () => {
  for (let left = -200_000; left <= 200_000; left += 777) {
    const words = until(left, 0);
    const said = Number(/\d+/.exec(words)?.[0] ?? 0) * MIN;
    if (words.endsWith('overdue')) assert.ok(said <= -left && -left < said + MIN, words);
    else if (words.startsWith('in under')) assert.ok(left > 0 && left < MIN, words);
    else if (words.startsWith('in')) assert.ok(said >= left - 1_500 && said < left + MIN, words);
    else assert.ok(left <= 0 && left > -MIN, words);
  }
});

test('of the clocks, the last that ran out and the next that will are told', () => {
  const targets = [
    { id: '12h', at: 720 * MIN },
    { id: '1h', at: 60 * MIN },
    { id: 'assessment', at: 15 * MIN },
    { id: '4h', at: 240 * MIN },
  ];
  assert.deepEqual(clocks(targets, 0), { past: undefined, next: { id: '1h', at: 60 * MIN } });
  assert.equal(clocksLine(targets, 0), '1 h reached in 1 h 00');
  assert.equal(clocksLine(targets, 188 * MIN), 'past 1 h, 4 h reached in 52 min');
  assert.equal(clocksLine(targets, 720 * MIN), 'past 12 h');
});

test('rows stay in their places while somebody points at them', () => {
  assert.deepEqual(settle(['a', 'b', 'c'], ['c', 'a', 'b'], true), ['a', 'b', 'c']);
  assert.deepEqual(settle(['a', 'b', 'c'], ['d', 'c', 'a'], true), ['a', 'b', 'c', 'd']);
  assert.deepEqual(settle(['a', 'b', 'c'], ['d', 'c', 'a'], false), ['d', 'c', 'a']);
  const same = ['a', 'b'];
  assert.equal(settle(same, ['a', 'b'], false), same);
  assert.deepEqual(settle([], ['a', 'b'], true), ['a', 'b']);
});

test('what waits to be put in order is counted', () => {
  const base = new Set(['a', 'b', 'c']);
  assert.deepEqual(waiting(['a', 'b', 'c'], ['a', 'b', 'c'], base), { come: 0, gone: 0, move: 0 });
  assert.deepEqual(waiting(['a', 'b', 'c', 'd'], ['d', 'c', 'a'], base), {
    come: 1,
    gone: 1,
    move: 2,
  });
});

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 22, 18, minutes)).toISOString();

function board(...rows: { id: string; name?: string; area?: string; due?: string }[]) {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'at', valueInstant: at(30) },
      ...rows.map(({ id, name, area, due }) => ({
        name: 'encounter',
        part: [
          { name: 'encounter', valueReference: { reference: `Encounter/${id}` } },
          { name: 'version', valueString: '4' },
          ...(name ? [{ name: 'name', valueString: name }] : []),
          { name: 'birthDate', valueDate: '1950-01-02' },
          { name: 'complaint', valueString: 'Chest pain' },
          { name: 'arrived', valueInstant: at(0) },
          { name: 'acuity', valueInteger: 2 },
          ...(area
            ? [{ name: 'area', valueReference: { reference: `Location/${area}`, display: area } }]
            : []),
          {
            name: 'score',
            part: [
              { name: 'scheme', valueCode: 'news2' },
              { name: 'state', valueCode: 'incomplete' },
              // A total beside `incomplete` would be a contradiction: it is not believed.
              { name: 'total', valueInteger: 3 },
              { name: 'at-least', valueInteger: 3 },
              { name: 'missing', valueCode: 'temperature' },
            ],
          },
          ...(due
            ? [
                {
                  name: 'due',
                  part: [
                    { name: 'what', valueCode: 're-triage' },
                    { name: 'at', valueInstant: due },
                    { name: 'who', valueString: 'triage-nurse' },
                  ],
                },
              ]
            : []),
        ],
      })),
    ],
  } as FhirParameters;
}

test('an incomplete score has no total', () => {
  const [row] = boardOf(board({ id: 'e' }), 0).rows;
  assert.deepEqual(row?.score?.total, undefined);
  assert.equal(row?.score?.atLeast, 3);
  assert.deepEqual(row?.score?.missing, ['temperature']);
});

test('rows that say the same are the same objects, so that they are not drawn again', () => {
  const first = boardOf(board({ id: 'a' }, { id: 'b', name: 'Ada Example' }), 0);
  const second = boardOf(
    board({ id: 'b', name: 'Ada Example' }, { id: 'a', area: 'majors' }),
    0,
    first,
  );
  assert.equal(second.rows[0], first.rows[1]);
  assert.notEqual(second.rows[1], first.rows[0]);
  assert.equal(boardOf(board({ id: 'a' }, { id: 'a' }), 0).rows.length, 1);
  // To the desk, that nothing clinical is told does not mean that nothing is there.
  const [closed] = boardOf(board({ id: 'a' }), 0, undefined, new Map(), true).rows;
  assert.deepEqual([closed?.closed, closed?.due, closed?.acuity], [true, undefined, undefined]);
});

test('filters choose areas, those who act, and what is overdue', () => {
  const { rows } = boardOf(
    board(
      { id: 'a', area: 'minors', due: at(10) },
      { id: 'b', due: at(50) },
      { id: 'c', area: 'majors' },
    ),
    0,
  );
  const now = Date.parse(at(30));
  const ids = (filter: Parameters<typeof fits>[1]) =>
    rows.filter((row) => fits(row, filter, now)).map((row) => row.id);
  assert.deepEqual(ids({}), ['a', 'b', 'c']);
  assert.deepEqual(ids({ area: 'minors' }), ['a']);
  assert.deepEqual(ids({ area: 'none' }), ['b']);
  assert.deepEqual(ids({ overdue: true }), ['a']);
  assert.deepEqual(ids({ who: 'triage-nurse' }), ['a', 'b']);
  assert.deepEqual(
    areasOf(rows).map((area) => area.id),
    ['majors', 'minors', 'none'],
  );
});

test('events are read in any cut', () => {
  const stream =
    ':\nid: p1\n\nid: p2\nevent: change\ndata: {"a":\ndata: 1}\n\nevent: reset\r\ndata: {}\r\n\r\n';
  for (let size = 1; size < stream.length; size += 1) {
    const reader = new EventReader();
    const found = [];
    for (let i = 0; i < stream.length; i += size)
      found.push(...reader.read(stream.slice(i, i + size)));
    assert.deepEqual(found, [
      { event: 'change', data: '{"a":\n1}' },
      { event: 'reset', data: '{}' },
    ]);
    assert.equal(reader.position, 'p2');
  }
});

test('attempts come ever slower, but not too slow, and not all at once', () => {
  assert.ok(backOff(0, 0) < backOff(2, 0) && backOff(2, 0) < backOff(4, 0));
  assert.ok(backOff(50, 1) <= 19_000);
  assert.notEqual(backOff(3, 0), backOff(3, 1));
});

test('many changes while the board loads are one more load', async () => {
  let loads = 0;
  const waits: (() => void)[] = [];
  const reload = coalesced(() => {
    loads += 1;
    return new Promise<void>((done) => waits.push(done));
  });
  for (let i = 0; i < 50; i += 1) reload();
  assert.equal(loads, 1);
  waits.shift()?.();
  await new Promise((done) => setImmediate(done));
  assert.equal(loads, 2);
  waits.shift()?.();
  await new Promise((done) => setImmediate(done));
  assert.equal(loads, 2);
});

test('what changes by the second is loaded with a rest between', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let loads = 0;
  const reload = coalesced(async () => {
    loads += 1;
  }, 2_000);
  const settled = () => new Promise((done) => setImmediate(done));
  for (let second = 0; second < 10; second += 1) {
    reload();
    await settled();
    mock.timers.tick(1_000);
    await settled();
  }
  assert.equal(loads, 6, 'at once, and every two seconds');
  mock.timers.reset();
});

test('a wall tells no name, and two people with the same letters apart', () => {
  assert.equal(initials('Ada Example'), 'A. E.');
  assert.equal(initials('Example, Ada (Ms)'), 'E. A.');
  assert.equal(initials('Dr Ada Beatrix Example'), 'A. E.');
  assert.equal(initials('Ada'), 'A.');
  assert.equal(initials(undefined), '– –');
  const { rows } = boardOf(
    board(
      { id: 'a', name: 'Ada Example' },
      { id: 'b', name: 'Amos Elm' },
      { id: 'c', name: 'Zoe Oak' },
    ),
    0,
  );
  const shown = wallRows(rows, false, Date.parse(at(30)));
  assert.doesNotMatch(JSON.stringify(shown), /ada|example|amos|elm|zoe|oak|1950|chest/i);
  assert.match(shown[0]?.who ?? '', /^A\. E\. \d\d:\d\d$/);
  assert.equal(shown[2]?.who, 'Z. O.');
});

test('pages of a wall hold what fits, at least one row', () => {
  assert.deepEqual(paging(24, 600, 60), [10, 3]);
  assert.deepEqual(paging(0, 600, 60), [10, 1]);
  assert.deepEqual(paging(5, 10, 60), [1, 5]);
});

test('numbers are taken as they are typed, and nothing else is', () => {
  assert.equal(typedNumber('36,8'), 36.8);
  assert.equal(typedNumber(' 120 '), 120);
  for (const text of ['', '-3', '1e3', '36.888', '12/80', 'x'])
    assert.equal(typedNumber(text), undefined);
  const pulse = VITALS.find((v) => v.id === 'pulse');
  assert.ok(pulse && mistake(pulse, '9o') && !mistake(pulse, '90') && !mistake(pulse, ''));
});

test('what is typed goes out with its code and unit; what is no number does not', () => {
  const parts = vitalParts({ pulse: '95', temperature: 'x', consciousness: 'A' }, ['pulse'], false);
  assert.deepEqual(parts, [
    {
      name: 'vital',
      part: [
        { name: 'code', valueCode: '8867-4' },
        {
          name: 'value',
          valueQuantity: {
            value: 95,
            unit: '/min',
            system: 'http://unitsofmeasure.org',
            code: '/min',
          },
        },
        { name: 'confirmed', valueBoolean: true },
      ],
    },
    {
      name: 'vital',
      part: [
        { name: 'code', valueCode: '67775-7' },
        {
          name: 'value',
          valueCodeableConcept: { coding: [{ system: 'urn:accord:acvpu', code: 'A' }] },
        },
      ],
    },
  ]);
});

test('an answer without a score is read as nothing scored', () => {
  const result = resultOf({ resourceType: 'Parameters', parameter: [] });
  assert.equal(result.scored, false);
  assert.equal(result.total, undefined);
  assert.deepEqual([0, 30, 60, 360].map(withinMinutes), [
    'at once',
    'within 30 min',
    'within 60 min',
    'within 6 h',
  ]);
});

test('the course of acuity begins with the initial one, and no line crosses a gap', () => {
  const made = (id: string, minutes: number, more: Partial<Observation>): Observation => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ code: '1104051000000101' }] },
    effectiveDateTime: at(minutes),
    ...more,
  });
  const level = (code: string) => ({
    code: { text: 'acuity' },
    valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code }] },
  });
  const observations = [
    made('s3', 30, { valueQuantity: { value: 7, code: '{ScoreOf}' } }),
    made('s2', 20, {
      dataAbsentReason: { text: 'incomplete' },
      component: [{ code: { coding: [{ code: 'spo2-scale' }] }, valueInteger: 2 }],
    }),
    made('s1', 10, { valueQuantity: { value: 5, code: '{ScoreOf}' } }),
    made('s0', 5, { valueQuantity: { value: 4, code: '{ScoreOf}' } }),
    made('a2', 31, level('1064911000000105')),
    made('a1', 6, level('1064901000000108')),
    made('pain', 9, {
      code: { coding: [{ code: '72514-3' }] },
      valueQuantity: { value: 6, code: '{score}' },
    }),
  ];
  assert.deepEqual(
    acuities(observations).map((a) => a.level),
    [3, 2],
  );
  assert.deepEqual(
    runs(scores(observations)).map((run) => run.map((p) => p.total)),
    [[4, 5], [7]],
  );
  assert.equal(scaleOf(observations), 1);
  assert.equal(scaleOf(observations.slice(1)), 2);
  // One that was only assumed does not end the scale that somebody switched to.
  const assumed = made('s4', 40, {
    valueQuantity: { value: 7, code: '{ScoreOf}' },
    component: [{ code: { coding: [{ code: 'spo2-scale-assumed' }] }, valueBoolean: true }],
  });
  assert.equal(scaleOf([assumed, ...observations.slice(1)]), 2);
});

test('who is expected is not among those who are here, and has no name on a wall', () => {
  const told = board({ id: 'here', name: 'Ada Example' }, { id: 'soon', name: 'Bea Sample' });
  const soon = told.parameter?.[2];
  if (soon) {
    soon.name = 'expected';
    soon.part?.push({ name: 'eta', valueInstant: at(45) });
  }
  const { rows, expected } = boardOf(told, 0);
  assert.deepEqual(
    rows.map((row) => row.id),
    ['here'],
  );
  assert.equal(expected[0]?.eta, Date.parse(at(45)));
  assert.match(expectedLine(expected, false, Date.parse(at(30))), /^B\. S\. \d\d:\d\d$/);
});

test('what is not known or contradicts itself is read from a row', () => {
  const told = board({ id: 'e' });
  told.parameter?.[1]?.part?.push(
    { name: 'acuity-unknown', valueBoolean: true },
    { name: 'score-not-recomputed', valueString: 'its scheme is not loaded' },
    { name: 'record-contradicts', valueString: 'the first acuity was changed' },
  );
  const [row] = boardOf(told, 0).rows;
  assert.equal(row?.acuityUnknown, true);
  assert.equal(row?.scoreNotRecomputed, 'its scheme is not loaded');
  assert.equal(row?.contradicts, 'the first acuity was changed');
});
