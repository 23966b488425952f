import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bundle, Parameters as FhirParameters, FhirResource, Observation } from 'fhir/r4';
import { empty, lacksScale } from '../../src/emergency/assess/draft.ts';
import { resultOf } from '../../src/emergency/assess/result.ts';
import { acuities, FIRST } from '../../src/emergency/attend/course.ts';
import { measuredText } from '../../src/emergency/attend/measured.ts';
import { courseOf } from '../../src/emergency/attend/record.ts';
import { boardOf } from '../../src/emergency/board/board.ts';
import type { Answer } from '../../src/fhir/client.ts';

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 22, 18, minutes)).toISOString();

const made = (id: string, minutes: number, more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ code: '8867-4' }] },
  effectiveDateTime: at(minutes),
  ...more,
});

const acuity = (id: string, minutes: number, which: string, code: string) => {
  const [system] = FIRST.split('|');
  return made(id, minutes, {
    category: [{ coding: [{ system, code: which } as { code: string }] }],
    valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code }] },
  });
};

const bundle = (resources: FhirResource[], next?: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link: next ? [{ relation: 'next', url: next }] : [],
  entry: resources.map((resource) => ({ resource })),
});

/** A server with pages of observations; whoever asks for the first acuity gets it. */
function server(pages: Observation[][], first: Observation[], asked: string[] = []) {
  const page = (n: number) =>
    bundle(pages[n] ?? [], n + 1 < pages.length ? `/${n + 1}` : undefined);
  return {
    batch: async (urls: string[]): Promise<Answer[]> =>
      urls.map((url) => {
        if (url.includes('category=')) return { resource: bundle(first) };
        if (url.startsWith('Observation')) return { resource: page(0) };
        if (url.startsWith('Task')) return { resource: bundle([]) };
        return { resource: { resourceType: 'Encounter' } as FhirResource };
      }),
    get: async <T extends FhirResource>(path: string): Promise<T> => {
      asked.push(path);
      return page(Number(path.slice(1))) as FhirResource as T;
    },
  };
}

test('a long stay keeps its first acuity, and every page is read once', async () => {
  const first = acuity('a1', 0, 'initial', '1064901000000108');
  const later = acuity('a2', 50, 'later', '1064911000000105');
  const pages = [[made('p3', 60), later], [made('p2', 30)], [made('p1', 10), first]];
  const asked: string[] = [];
  const course = await courseOf(server(pages, [first], asked), 'e');
  assert.deepEqual(asked, ['/1', '/2']);
  assert.equal(course.cut, false);
  assert.deepEqual(
    course.observations.map((o) => o.id),
    ['p3', 'a2', 'p2', 'p1', 'a1'],
  );
  assert.deepEqual(
    acuities(course.observations).map(({ level, initial }) => [level, initial]),
    [
      [3, true],
      [2, false],
    ],
  );
});

test('of a stay with more pages than are read the first acuity is there all the same', async () => {
  const first = acuity('a1', 0, 'initial', '1064901000000108');
  const pages = Array.from({ length: 40 }, (_, i) => [made(`p${i}`, 40 - i)]);
  const course = await courseOf(server(pages, [first]), 'e');
  assert.equal(course.cut, true);
  assert.deepEqual(
    acuities(course.observations).map((given) => given.initial),
    [true],
  );
});

test('what comes first of what is seen is not called initial where the initial one is hidden', () => {
  const [given] = acuities([acuity('a2', 50, 'later', '1064911000000105')]);
  assert.equal(given?.initial, false);
});

test('what was computed stands with what somebody decided instead', () => {
  const concept = (code: string) => ({ coding: [{ code }] });
  const decided = {
    ...acuity('a1', 0, 'initial', '1077241000000103'),
    component: [
      {
        code: concept('computed-acuity'),
        valueCodeableConcept: concept('1064911000000105'),
      },
    ],
  };
  const [given] = acuities([decided]);
  assert.deepEqual([given?.level, given?.computed], [4, 2]);
});

test('a page that is refused is a fault, not an end', async () => {
  const broken = server([[made('p1', 1)], []], []);
  broken.get = () => Promise.reject(new Error('410'));
  await assert.rejects(courseOf(broken, 'e'));
});

const score = (name: string, state: string, total: number) => ({
  name,
  part: [
    { name: 'scheme', valueCode: 'news2' },
    { name: 'state', valueCode: state },
    { name: 'total', valueInteger: total },
    { name: 'label', valueString: 'High' },
    { name: 'at', valueInstant: at(5) },
  ],
});

test('the last complete score stands beside an incomplete one, and nothing incomplete does', () => {
  const row = (state: string) =>
    boardOf(
      {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'encounter',
            part: [
              { name: 'encounter', valueReference: { reference: 'Encounter/e' } },
              score('score', 'incomplete', 1),
              score('last-complete', state, 9),
            ],
          },
        ],
      } as FhirParameters,
      0,
    ).rows[0];
  assert.equal(row('complete')?.score?.total, undefined);
  assert.equal(row('complete')?.lastComplete?.total, 9);
  assert.equal(row('incomplete')?.lastComplete, undefined);
});

test('where nobody knows the scale, a saturation waits until somebody says so with a reason', () => {
  const answer = (known: boolean[]) =>
    resultOf({
      resourceType: 'Parameters',
      parameter: known.map((k) => ({ name: 'spo2-scale-known', valueBoolean: k })),
    });
  assert.equal(answer([]).scaleKnown, true);
  assert.equal(answer([false]).scaleKnown, false);
  const typed = { ...empty({ version: '1' }), values: { spo2: '90' } };
  assert.equal(lacksScale(typed, true), false);
  assert.equal(lacksScale(typed, false), true);
  assert.equal(lacksScale({ ...typed, scale: 1 }, false), false);
  assert.equal(lacksScale({ ...typed, scale: 2 }, false), true);
  assert.equal(lacksScale({ ...typed, scale: 2, scaleReason: 'asked' }, false), false);
  assert.equal(lacksScale({ ...typed, values: {} }, false), false);
});

test('pressures stand systolic first, however they were stored, in the unit they have', () => {
  const part = (code: string, value: number) => ({
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: { value, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  });
  const stored: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    component: [part('8462-4', 60), part('8480-6', 90)],
  };
  assert.match(measuredText(stored), /^90\/60\smmHg$/);
});
