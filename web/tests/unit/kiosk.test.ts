import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bornOn, EMPTY, isAnswered, parameters } from '../../src/kiosk/answers.ts';

const now = new Date('2026-11-22T12:00:00Z');
const born = (day: string, month: string, year: string) =>
  bornOn({ ...EMPTY, day, month, year }, now);

test('a birth date is a day that was, and not one to come', () => {
  assert.equal(born('3', '2', '1980'), '1980-02-03');
  assert.equal(born('29', '02', '2024'), '2024-02-29');
  for (const [day, month, year] of [
    ['31', '2', '1980'],
    ['29', '2', '2023'],
    ['0', '1', '1980'],
    ['1', '13', '1980'],
    ['1', '1', '80'],
    ['1', '1', '1800'],
    ['23', '11', '2026'],
    ['', '', ''],
    ['x', '1', '1980'],
  ] as const)
    assert.equal(born(day, month, year), undefined, `${day}.${month}.${year}`);
});

test('a family name and a complaint are needed, a first name and numbers are not', () => {
  for (const question of ['family', 'born', 'complaint'] as const)
    assert.equal(isAnswered(question, EMPTY, now), false, question);
  for (const question of ['given', 'postcode', 'number'] as const)
    assert.equal(isAnswered(question, EMPTY, now), true, question);
  assert.equal(isAnswered('number', { ...EMPTY, number: '999 000 0018' }, now), true);
  assert.equal(isAnswered('number', { ...EMPTY, number: '999 000 0017' }, now), false);
});

test('what was left out is not sent', () => {
  const answers = { ...EMPTY, family: ' Ash ', given: 'Robin', day: '3', month: '2', year: '1980' };
  const sent = parameters({ ...answers, complaint: 'Ankle' }, 'northgate-hospital', now, 'one');
  assert.deepEqual(
    sent.map(({ name }) => name),
    ['organization', 'family', 'birthDate', 'given', 'complaint', 'attempt'],
  );
  assert.deepEqual(sent[1], { name: 'family', valueString: 'Ash' });
  const more = parameters(
    { ...answers, postcode: 'n1 1aa', number: '999-000-0018' },
    'h',
    now,
    'one',
  );
  assert.deepEqual(more.slice(-3, -1), [
    { name: 'postcode', valueString: 'N1 1AA' },
    { name: 'nhs-number', valueString: '9990000018' },
  ]);
});
