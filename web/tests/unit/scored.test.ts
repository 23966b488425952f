import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParametersParameter } from 'fhir/r4';
import { type Draft, empty } from '../../src/emergency/assess/draft.ts';
import { type Known, learn } from '../../src/emergency/assess/known.ts';
import { resultOf } from '../../src/emergency/assess/result.ts';
import type { Preview } from '../../src/emergency/assess/usePreview.ts';

// What is known of how somebody is scored, from one answer to the next.

const draft = (part: Partial<Draft> = {}): Draft => ({ ...empty({ version: '1' }), ...part });

const preview = (parameter: ParametersParameter[], behind = false): Preview => ({
  result: resultOf({ resourceType: 'Parameters', parameter }),
  fault: undefined,
  behind,
});

test('the scale that holds is what the server said while nothing else was chosen', () => {
  const said = (scale: number) => preview([{ name: 'spo2-scale', valueInteger: scale }]);
  const row = { version: '1' };
  const two = learn({}, row, draft(), said(2));
  assert.equal(two.scale, 2);
  // Whoever switches to another has not changed which one held.
  assert.equal(learn(two, row, draft({ scale: 1, scaleReason: 'ward' }), said(1)).scale, 2);
  // Neither has an answer to what was typed before.
  const late: Preview = { ...said(1), behind: true };
  assert.equal(learn(two, row, draft(), late).scale, 2);
  assert.equal(learn(two, row, draft(), { ...late, result: undefined }).scale, 2);
  // What somebody else stored may have switched it.
  const other: Known = learn(two, { version: '2' }, draft(), late);
  assert.equal(other.scale, undefined);
});
