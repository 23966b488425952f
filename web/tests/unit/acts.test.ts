import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cameParts } from '../../src/emergency/board/expected.ts';
import { rowWith } from '../emergency/shown.ts';

const { isAnswer } = await import('../../src/emergency/useAskedTwice.ts');
const { actOn } = await import('../../src/emergency/useAct.ts');

// What goes to the server when something is done to an attendance.

test('who has arrived is what was announced, and nothing else is said of them', () => {
  const announced = (mode: string) =>
    rowWith([
      { name: 'patient', valueReference: { reference: 'Patient/p' } },
      { name: 'complaint', valueString: 'Stroke' },
      { name: 'mode', valueCode: mode },
      { name: 'area', valueReference: { reference: 'Location/resus' } },
    ]);
  const who = [
    { name: 'patient', valueReference: { reference: 'Patient/p' } },
    { name: 'organization', valueReference: { reference: 'Organization/o' } },
  ];
  const came = { name: 'mode', valueCode: 'ambulance' };
  assert.deepEqual(cameParts(announced('pre-alert'), 'o'), [...who, came]);
  // Another client may have announced somebody who comes by helicopter.
  assert.deepEqual(cameParts(announced('air-ambulance'), 'o'), who);
});

test('what is done to an attendance is done to the version that was seen', () => {
  const parts = [{ name: 'started', valueBoolean: true }];
  assert.deepEqual(actOn('e', 'assess', parts, '4'), {
    path: 'Encounter/e/$assess',
    parts: [...parts, { name: 'version', valueString: '4' }],
  });
  assert.deepEqual(actOn('e', 'dispose', [], undefined).parts, []);
});

test('the second click of a double click is no answer', () => {
  assert.deepEqual([0, 1, 2, 3].map(isAnswer), [true, true, false, false]);
});
