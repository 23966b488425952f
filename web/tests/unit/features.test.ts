import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from 'fhir/r4';
import { binaryOf, bytes, fileName, isText, textOf } from '../../src/chart/documents/attachment.ts';
import { imageOf } from '../../src/chart/photo.ts';
import { byKind, lines, type Point } from '../../src/chart/results/kinds.ts';
import { scale, segments, ticks } from '../../src/chart/results/scale.ts';
import { type Event, merge } from '../../src/chart/timeline/events.ts';
import { patientOf, EMPTY as UNREGISTERED } from '../../src/find/registration.ts';
import { parameters, EMPTY as UNTRACED } from '../../src/find/trace.ts';
import { conditions, read } from '../../src/find/typed.ts';
import { challenge, claims, secret } from '../../src/session/pkce.ts';
import { NHS } from '../support/nhs.ts';

test('one field tells numbers, dates and names apart', () => {
  assert.deepEqual(read('willow 17/04/1961 999 000 0018'), {
    words: ['willow'],
    birthDate: '1961-04-17',
    national: '9990000018',
  });
  assert.deepEqual(read('M0000012, ann'), { words: ['ann'], number: 'M0000012' });
  assert.deepEqual(read("o'neill-smith ann"), { words: ["o'neill-smith", 'ann'] });
  // Ten digits that cannot be such a number are some other number.
  assert.deepEqual(read('9990000019'), { words: [], number: '9990000019' });
});

test('too little to search by is not searched', () => {
  assert.equal(conditions(read(''), NHS), undefined);
  assert.equal(conditions(read('a'), NHS), undefined);
  assert.deepEqual(conditions(read('li'), NHS), [['name', 'li']]);
  assert.deepEqual(conditions(read('lia'), NHS), [['name:contains', 'lia']]);
  assert.deepEqual(conditions(read('9990000018'), NHS), [['identifier', `${NHS}|9990000018`]]);
});

test('tracing needs a number, or everything else', () => {
  const born = { ...UNTRACED, birthDate: '17/04/1961' };
  assert.equal(typeof parameters(UNTRACED, NHS), 'string');
  assert.equal(typeof parameters(born, NHS), 'string');
  assert.equal(typeof parameters({ ...born, family: 'A', given: 'B' }, NHS), 'string');
  const byNumber = parameters({ ...born, number: '999 000 0018' }, NHS);
  assert.deepEqual(byNumber, [
    { name: 'birthDate', valueDate: '1961-04-17' },
    { name: 'identifier', valueIdentifier: { system: NHS, value: '9990000018' } },
  ]);
});

test('a person is registered with what is known and nothing else', () => {
  const fields = { ...UNREGISTERED, family: 'Willow', birthDate: '1/2/1980' };
  assert.deepEqual(patientOf(fields, NHS), {
    resourceType: 'Patient',
    active: true,
    name: [{ use: 'official', family: 'Willow' }],
    birthDate: '1980-02-01',
  });
  assert.equal(typeof patientOf({ ...fields, number: '9990000019' }, NHS), 'string');
  assert.equal(typeof patientOf({ ...fields, family: ' ' }, NHS), 'string');
});

const at = (hour: number, value?: number): Point =>
  ({ at: hour * 3_600_000, value, source: {}, part: {} }) as unknown as Point;

test('no line is drawn across a gap', () => {
  const runs = (points: Point[]) => segments(points).map((run) => run.map((p) => p.value));
  assert.deepEqual(runs([at(0, 1), at(1, 2), at(2, 3)]), [[1, 2, 3]]);
  assert.deepEqual(runs([at(0, 1), at(1), at(2, 3), at(3, 4)]), [[1], [3, 4]]);
  assert.deepEqual(runs([at(0, 1), at(1, 2), at(2, 3), at(30, 4), at(31, 5)]), [
    [1, 2, 3],
    [4, 5],
  ]);
  assert.deepEqual(runs([at(0, 1), at(100, 2)]), [[1, 2]]);
  assert.deepEqual(runs([]), []);
});

test('a scale covers its range, and one value lies in the middle', () => {
  const y = scale([10, 20], [100, 0]);
  assert.deepEqual([y(10), y(15), y(20)], [100, 50, 0]);
  assert.equal(scale([7], [100, 0])(7), 50);
  for (const [low, high] of [
    [3.4, 5.1],
    [0, 1000],
    [-2, 2],
    [98, 98],
  ] as const) {
    const marks = ticks(low, high);
    assert.ok((marks[0] ?? 1) <= low && (marks.at(-1) ?? 0) >= high, `${marks}`);
    assert.ok(marks.length >= 2 && marks.length <= 7, `${marks}`);
  }
});

const observed = (id: string, code: string, when: string, more: Partial<Observation> = {}) =>
  ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'urn:s', code }] },
    effectiveDateTime: when,
    valueQuantity: { value: 1, unit: 'x' },
    ...more,
  }) as Observation;

test('results stand together by kind, the newest first, without errors', () => {
  const kinds = byKind([
    observed('1', 'a', '2026-01-01T00:00:00Z'),
    observed('2', 'b', '2026-01-03T00:00:00Z'),
    observed('3', 'a', '2026-01-02T00:00:00+01:00'),
    observed('4', 'a', '2026-01-09', { status: 'entered-in-error' }),
  ]);
  assert.deepEqual(
    kinds.map((kind) => kind.items.map((o) => o.id)),
    [['2'], ['3', '1']],
  );
});

test('components have lines of their own, and "less than" is no number to draw', () => {
  const pressure = observed('1', 'bp', '2026-01-01', {
    valueQuantity: undefined as never,
    component: [
      { code: { coding: [{ code: '8480-6' }] }, valueQuantity: { value: 120 } },
      { code: { coding: [{ code: '8462-4' }] }, valueQuantity: { value: 70, comparator: '<' } },
    ],
  });
  const [kind] = byKind([pressure]);
  const found = kind ? lines(kind) : [];
  assert.deepEqual(
    found.map((line) => [line.name, line.points.map((p) => p.value)]),
    [
      ['Systolic', [120]],
      ['Diastolic', [undefined]],
    ],
  );
});

test('a timeline shows nothing below what an unfinished source has told', () => {
  const event = (key: string, when: number): Event => ({
    key,
    at: when,
    edge: when,
    when: '',
    kind: '',
    text: '',
    sealed: false,
    standing: {},
  });
  const [a, b, c, d] = [event('a', 9), event('b', 5), event('c', 7), event('d', 2)] as const;
  const keys = (events: Event[]) => events.map((e) => e.key).join('');
  assert.equal(
    keys(
      merge([
        { events: [a, b], more: true },
        { events: [c, d], more: false },
      ]),
    ),
    'acb',
  );
  assert.equal(
    keys(
      merge([
        { events: [a, b], more: false },
        { events: [c, d], more: false },
      ]),
    ),
    'acbd',
  );
  assert.equal(
    keys(
      merge([
        { events: [], more: true },
        { events: [a], more: false },
      ]),
    ),
    '',
  );
  assert.equal(keys(merge([])), '');
});

test('attachments are read in their character set, and HTML is no text', () => {
  assert.equal(textOf(btoa('caf\xe9'), 'text/plain; charset=iso-8859-1'), 'café');
  assert.equal(textOf(btoa('a'), 'text/plain; charset=no-such'), 'a');
  assert.deepEqual([...bytes(' AQID\n')], [1, 2, 3]);
  assert.ok(isText('text/plain; charset=utf-8'));
  assert.ok(!isText('text/html'));
});

test('only what this server keeps is fetched, and a document does not say what opens it', () => {
  const base = 'https://here.example/fhir';
  assert.equal(binaryOf('Binary/a-1.b', base), 'Binary/a-1.b');
  assert.equal(binaryOf(`${base}/Binary/a`, base), 'Binary/a');
  for (const url of [
    undefined,
    'Binary/../Patient/$export',
    'Binary/..',
    'Binary/a?x=1',
    `${base}.evil.example/Binary/a`,
    `${base}/Patient/a`,
    'https://elsewhere.example/Binary/a',
  ]) {
    assert.equal(binaryOf(url, base), undefined, url);
  }
  assert.equal(fileName('Letter.hta', 'application/pdf'), 'Letter hta.pdf');
  assert.equal(fileName('Letter', 'application/hta'), 'Letter.bin');
  assert.equal(fileName('../../x', 'constructor'), 'x.bin');
  assert.equal(fileName(undefined, 'Image/PNG; q=1'), 'document.png');
});

test('a challenge is the one of the standard', async () => {
  // RFC 7636, appendix B.
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  assert.equal(await challenge(verifier), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  assert.match(secret(), /^[\w-]{43}$/);
  assert.notEqual(secret(), secret());
  assert.deepEqual(claims('x.eyJhIjoiw7wifQ.y'), { a: 'ü' });
  assert.deepEqual(claims('nonsense'), {});
});

test('a photograph is drawn if its bytes are those of a picture, and not too many', () => {
  const data = (...bytes: number[]) => btoa(String.fromCharCode(...bytes));
  const png = data(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1);
  assert.equal(imageOf({ contentType: 'image/png', data: png })?.size, 9);
  assert.equal(imageOf({ contentType: 'image/jpeg', data: data(0xff, 0xd8, 0xff, 1) })?.size, 4);
  for (const photo of [
    undefined,
    { contentType: 'image/png', url: 'https://elsewhere.example/a.png' },
    { contentType: 'image/jpeg', data: png },
    { contentType: 'image/svg+xml', data: btoa('<svg onload="alert(1)"/>') },
    { contentType: 'text/html', data: png },
    { contentType: 'constructor', data: png },
    { contentType: 'image/png', data: '%%%' },
    { contentType: 'image/png', data: `${png}${'A'.repeat(2_000_000)}` },
  ])
    assert.equal(imageOf(photo), undefined, photo?.contentType);
});

test('nobody is registered as born in the future, or on a day that there is not', () => {
  const born = (birthDate: string) =>
    patientOf({ ...UNREGISTERED, family: 'Testpatient', birthDate }, 'urn:number');
  assert.equal(born('12/05/2080'), 'The birth date lies in the future.');
  assert.match(String(born('31/02/1980')), /a day that there is/);
  assert.equal(typeof born('03/02/1980'), 'object');
});
