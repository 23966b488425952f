import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AllergyIntolerance } from 'fhir/r4';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Allergies } from '../../src/chart/Allergies.tsx';
import { counted, type Part, part, refused } from '../../src/chart/part.ts';
import { answered, bodyOf } from '../../src/fhir/answer.ts';
import { FhirError } from '../../src/fhir/outcome.ts';

// "None recorded" is said only where that is known.

const page = (more: object) => ({ resource: { resourceType: 'Bundle', ...more } as never });
const penicillin = { resourceType: 'AllergyIntolerance', code: { text: 'Penicillin' } };

test('what is no page of results is no empty one', () => {
  const statusOf = (answer: Parameters<typeof part>[0]) =>
    part(answer, 'AllergyIntolerance').fault?.status;
  assert.equal(statusOf(page({ total: 0 })), undefined);
  assert.equal(statusOf(undefined), 502);
  assert.equal(statusOf({}), 502);
  assert.equal(statusOf({ resource: { resourceType: 'Patient' } as never }), 502);
  assert.equal(statusOf({ fault: new FhirError(403) }), 403);
  assert.equal(counted(page({ total: 3 })), 3);
  assert.equal(counted({ fault: new FhirError(500) }), undefined);
});

test('an entry of a batch that does not say how it went has failed', () => {
  assert.equal(answered({}).fault?.status, 502);
  assert.equal(answered({ response: { status: 'fine' } }).fault?.status, 502);
  assert.equal(answered({ response: { status: '403 Forbidden' } }).fault?.status, 403);
  assert.equal(answered({ response: { status: '200' } }).fault, undefined);
});

test('an answer that works and is no data came from somebody else', () => {
  assert.deepEqual(bodyOf('{"a":1}', true), { a: 1 });
  assert.equal(bodyOf('', true), undefined);
  assert.equal(bodyOf('<html>', false), undefined);
  for (const text of ['<html>', '{"resourceType":"Bun']) {
    assert.throws(
      () => bodyOf(text, true),
      (fault) => fault instanceof FhirError && fault.status === 502,
    );
  }
});

test('allergies are told, or why they are not', () => {
  const shown = (of: Part<AllergyIntolerance> | undefined, brief = false) =>
    renderToStaticMarkup(createElement(Allergies, { part: of, brief })).replace(/<[^>]+>/g, '|');
  const of = (allergies: object[], more: object = {}) =>
    part<AllergyIntolerance>(
      page({ entry: allergies.map((resource) => ({ resource })), ...more }),
      'AllergyIntolerance',
    );
  assert.match(shown(of([])), /none recorded/);
  assert.match(shown(undefined), /loading/);
  assert.match(shown(refused(new FhirError(403))), /not shown to you/);
  assert.match(shown(refused(new FhirError(500))), /could not be loaded/);
  // A page that is not the last proves nothing of the others.
  const cut = shown(of([], { total: 1 }));
  assert.doesNotMatch(cut, /none recorded/);
  assert.match(cut, /More allergies than are shown/);
  assert.match(shown(of([penicillin], { link: [{ relation: 'next', url: 'x' }] })), /More/);
  assert.doesNotMatch(shown(of([penicillin], { total: 1 })), /More/);
});

test('of many allergies those that were severe are named first', () => {
  const after = (text: string, reaction: object) => ({
    resourceType: 'AllergyIntolerance',
    code: { text },
    reaction: [{ manifestation: [{ text: 'Rash' }] }, reaction],
  });
  const items = [
    penicillin,
    { ...penicillin, code: { text: 'Dust' } },
    after('Latex', { manifestation: [{ text: 'Swelling' }], severity: 'severe' }),
    after('Nuts', { manifestation: [{ coding: [{ code: '39579001', display: 'Anaphylaxis' }] }] }),
  ] as AllergyIntolerance[];
  const some: Part<AllergyIntolerance> = { items, total: 4, more: false, fault: undefined };
  const render = (brief: boolean) =>
    renderToStaticMarkup(createElement(Allergies, { part: some, brief })).replace(/<[^>]+>/g, '|');
  assert.match(render(true), /Latex.*Nuts.*and 2 more/);
  assert.match(render(false), /Latex \(swelling, severe\).*Nuts \(anaphylaxis, severe\)/);
});
