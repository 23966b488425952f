import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Draft,
  empty,
  isBegun,
  isRated,
  parameters,
} from '../../src/emergency/assess/draft.ts';
import { firstMistake, vitalParts } from '../../src/emergency/assess/vitals.ts';

const draft = (part: Partial<Draft>): Draft => ({ ...empty({ version: '1' }), ...part });

/** The codes of the vitals that would be sent. */
const sent = (values: Record<string, string>) =>
  vitalParts(values, []).map(({ part }) => part?.[0]?.valueCode);

test('a flow of oxygen goes out with a device only', () => {
  const values = { 'oxygen-device': 'nasal-cannula', 'oxygen-flow': '2' };
  assert.deepEqual(sent(values), ['oxygen-device', '3151-8']);
  assert.deepEqual(sent({ ...values, 'oxygen-device': 'air' }), ['oxygen-device']);
  assert.deepEqual(sent({ ...values, 'oxygen-device': '' }), []);
  assert.deepEqual(sent({ 'oxygen-flow': '2' }), []);
});

test('what is no number is named before it would be lost, unless it is hidden', () => {
  for (const [id, text] of [
    ['temperature', '36.755'],
    ['systolic', '120/80'],
    ['respiration', '16o'],
    ['weight', 'about 70'],
  ] as const)
    assert.equal(firstMistake({ pulse: '90', [id]: text })?.id, id);
  assert.equal(firstMistake({ temperature: '36,8', consciousness: 'A', pulse: ' ' }), undefined);
  const flow = { 'oxygen-flow': '2l' };
  assert.equal(firstMistake({ ...flow, 'oxygen-device': 'venturi' })?.id, 'oxygen-flow');
  assert.equal(firstMistake({ ...flow, 'oxygen-device': 'air' }), undefined);
});

test('a concern alone begins a form, and is sent', () => {
  assert.equal(isBegun(draft({})), false);
  const worried = draft({ concerns: ['carer-high'] });
  assert.equal(isBegun(worried), true);
  assert.deepEqual(parameters(worried, true).at(-1), { name: 'concern', valueCode: 'carer-high' });
});

test('an acuity is named, follows from answers, or stays', () => {
  assert.equal(isRated(draft({}), undefined), false);
  assert.equal(isRated(draft({ lifeThreat: false, highRisk: false }), undefined), false);
  assert.equal(isRated(draft({}), 3), true);
  for (const part of [{ acuity: 2 }, { lifeThreat: true }, { highRisk: true }, { resources: 0 }])
    assert.equal(isRated(draft(part), undefined), true);
});
