import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AllergyIntolerance, Patient } from 'fhir/r4';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import '../emergency/window.ts';

const { Brief } = await import('../../src/chart/Banner.tsx');
const { hasEnded } = await import('../../src/chart/claimEnd.ts');
const { labelOf } = await import('../../src/chart/sections.ts');
const { hits } = await import('../../src/find/hits.ts');
const { pageOf } = await import('../../src/shell/useFocusOfPage.ts');

const patient: Patient = { resourceType: 'Patient', name: [{ family: 'Birch' }] };

function brief(items: AllergyIntolerance[], old: boolean): string {
  const first = { allergies: { items, more: false, fault: undefined } };
  const props = { patient, first: first as never, fault: undefined, old };
  return renderToStaticMarkup(createElement(Brief, props)).replace(/<[^>]+>/g, ' ');
}

test('the line of an old chart says that its allergies are old', () => {
  assert.match(brief([], false), /Allergies: none recorded\s*$/);
  assert.match(brief([], true), /none recorded when it was last loaded/);
  const penicillin = { code: { text: 'Penicillin' } } as AllergyIntolerance;
  assert.doesNotMatch(brief([penicillin], false), /could not/);
  assert.match(brief([penicillin], true), /⚠ Penicillin.*could not be loaded again/);
});

test('access ends by the clock that says so', () => {
  const until = '2026-06-01T12:00:00Z';
  assert.ok(!hasEnded(until, Date.parse('2026-06-01T11:59:59Z')));
  assert.ok(hasEnded(until, Date.parse(until)));
  assert.ok(!hasEnded(undefined, Date.parse(until)));
});

test('pages are told apart where the focus has to move', () => {
  assert.equal(pageOf(['chart', 'k1', 'results']), pageOf(['chart', 'k1', 'summary']));
  assert.notEqual(pageOf(['chart', 'k1']), pageOf(['chart', 'k2']));
  assert.notEqual(pageOf(['emergency', 'a', 'k']), pageOf(['emergency', 'a', 'k', 'assess']));
  assert.equal(labelOf('results'), 'Results');
  assert.equal(labelOf('elsewhere'), 'Not here');
});

test('how many fit is told, and in which order', () => {
  assert.equal(hits(0), 'Nobody among those you may see.');
  assert.equal(hits(1, 1), 'One person.');
  assert.equal(hits(3, 3), '3 people, by family name.');
  const some = 'The first 12 of 40 people, by family name. Type more to narrow.';
  assert.equal(hits(12, 40), some);
  // A server that tells no total tells no more than is there.
  assert.equal(hits(3), '3 people, by family name.');
});
