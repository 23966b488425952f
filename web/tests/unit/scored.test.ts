import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParametersParameter } from 'fhir/r4';
import { createElement } from 'react';
import { type Draft, empty } from '../../src/emergency/assess/draft.ts';
import { asksAge, isChild, type Known, learn } from '../../src/emergency/assess/known.ts';
import { resultOf } from '../../src/emergency/assess/result.ts';
import type { Preview } from '../../src/emergency/assess/usePreview.ts';
import { shown } from '../emergency/shown.ts';

// What is known of how somebody is scored, from one answer to the next.

const draft = (part: Partial<Draft> = {}): Draft => ({ ...empty({ version: '1' }), ...part });

const preview = (parameter: ParametersParameter[], behind = false): Preview => ({
  result: resultOf({ resourceType: 'Parameters', parameter }),
  fault: undefined,
  behind,
});

test('the scale that holds is what the server said while nothing else was chosen', () => {
  const said = (scale: number) => preview([{ name: 'spo2-scale', valueInteger: scale }]);
  const row = { version: '1', birthDate: '1950-01-02' };
  const two = learn({}, row, draft(), said(2));
  assert.equal(two.scale, 2);
  // Whoever switches to another has not changed which one held.
  assert.equal(learn(two, row, draft({ scale: 1, scaleReason: 'ward' }), said(1)).scale, 2);
  // Neither has an answer to what was typed before.
  const late: Preview = { ...said(1), behind: true };
  assert.equal(learn(two, row, draft(), late).scale, 2);
  assert.equal(learn(two, row, draft(), { ...late, result: undefined }).scale, 2);
  // What somebody else stored may have switched it.
  const other: Known = learn(two, { ...row, version: '2' }, draft(), late);
  assert.equal(other.scale, undefined);
});

const NOW = new Date(2026, 10, 23);

/** An answer by a scheme for an age. */
const by = (scheme: string, basis: string, text?: string) =>
  preview([
    { name: 'scheme', part: [{ name: 'id', valueCode: scheme }] },
    {
      name: 'age',
      part: [
        { name: 'months', valueInteger: 190 },
        { name: 'basis', valueCode: basis },
        ...(text ? [{ name: 'text', valueString: text }] : []),
      ],
    },
  ]);

const nothing: Preview = { result: undefined, fault: undefined, behind: false };

test('the form is the one by which the server scores; by the age only before it has said so', () => {
  const row = { version: '1', birthDate: '2010' };
  const typed = draft();
  const child = (known: Known, of = typed) => isChild(known, row, of, NOW);
  assert.equal(child({}), false);
  assert.equal(isChild({}, { ...row, birthDate: '2020-05-05' }, typed, NOW), true);
  const pews = learn({}, row, typed, by('pews', 'partial-birth-date'));
  assert.equal(child(pews), true);
  // While the next answer is on its way, and where other values let the other scheme count.
  assert.equal(child(learn(pews, row, typed, { ...nothing, behind: true })), true);
  assert.equal(child(learn(pews, row, typed, by('news2', 'partial-birth-date'))), true);
  assert.equal(child(learn(pews, row, typed, by('news2', 'birth-date'))), false);
  // An age that is judged is another question.
  assert.equal(child(pews, draft({ ageMonths: '200' })), false);
  assert.equal(child({}, draft({ ageMonths: '36' })), true);
  assert.equal(learn(pews, row, typed, nothing), pews, 'nothing new draws nothing anew');
});

test('an age is asked for where the birth date does not tell it to the day', () => {
  const asks = (birthDate: string | undefined, of = nothing, typed = draft()) =>
    asksAge({ version: '1', birthDate }, typed, of, NOW);
  assert.equal(asks('1950-01-02'), false);
  for (const open of [undefined, '1950', '1950-01', '2027-01-01']) assert.equal(asks(open), true);
  assert.equal(asks('1950-01-02', by('pews', 'partial-birth-date')), true);
  assert.equal(asks('1950-01-02', nothing, draft({ ageMonths: '3' })), true);
});

test('what the age rests on is said with the score, unless a birth date tells it', async () => {
  const { ScorePanel } = await import('../../src/emergency/assess/ScorePanel.tsx');
  const words = (of: Preview) => shown(createElement(ScorePanel, { preview: of }));
  const text = 'the birth date leaves the age open: the age that asks for most counts';
  assert.match(words(by('pews', 'partial-birth-date', text)), /The birth date leaves the age open/);
  assert.match(words(by('pews', 'stated')), /Scored by the age that was judged \(190 months\)/);
  assert.match(words(by('news2', 'assumed-adult')), /not known: scored as an adult/);
  assert.doesNotMatch(words(by('news2', 'birth-date')), /age/);
});

test('until a score is complete it says what to do only where it already calls somebody', async () => {
  const { ScorePanel } = await import('../../src/emergency/assess/ScorePanel.tsx');
  const before = score('complete', 10);
  const partial = (review?: number): Preview => {
    const of = by('news2', 'birth-date');
    if (!of.result) throw new Error('no result');
    const response = { text: 'Observations every 4 hours.', who: 'registered-nurse' };
    const responses = [review === undefined ? response : { ...response, review }];
    return { ...of, result: { ...of.result, scored: true, total: undefined, responses } };
  };
  const words = (of: Preview) => shown(createElement(ScorePanel, { preview: of, before }));
  assert.match(words(partial()), /Last complete: \|?10\|? ?High.*follows from the complete score/);
  assert.doesNotMatch(words(partial()), /every 4 hours/);
  assert.match(words(partial(30)), /every 4 hours/);
});

function score(state: string, total: number) {
  const parts = {
    level: 'high',
    label: 'High',
    at: NOW.getTime(),
    missing: [],
    contradicts: false,
  };
  return { scheme: 'news2', total, atLeast: total, state, ...parts };
}
