import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement } from 'react';
import { empty, isRated } from '../../src/emergency/assess/draft.ts';
import type { Attendance } from '../../src/emergency/board/board.ts';
import { drawn, rowWith, shown } from '../emergency/shown.ts';

const { Begin } = await import('../../src/emergency/attend/Begin.tsx');
const { Dispose } = await import('../../src/emergency/attend/Dispose.tsx');
const { DueCard } = await import('../../src/emergency/attend/DueCard.tsx');
const { BoardTable } = await import('../../src/emergency/board/BoardTable.tsx');
const { BoardRow } = await import('../../src/emergency/board/BoardRow.tsx');

// What a row says where the server says that it cannot tell all.

const onBoard = (row: Attendance) => shown(createElement(BoardRow, { row, gone: false }));

const earlier = {
  name: 'score',
  part: [
    { name: 'scheme', valueCode: 'news2' },
    { name: 'state', valueCode: 'complete' },
    { name: 'total', valueInteger: 2 },
    { name: 'label', valueString: 'Low' },
  ],
};
const why = 'the newest score fits the age or the tables that are known here no longer';
const notAgain = { name: 'score-not-recomputed', valueString: why };

test('a newest score that cannot be shown is said beside the earlier one, and without one', () => {
  const beside = onBoard(rowWith([earlier, notAgain]));
  assert.match(beside, /The newest score is not shown: \|?the newest score fits/);
  assert.match(beside, /an earlier score/);
  const alone = onBoard(rowWith([notAgain]));
  assert.match(alone, /The newest score is not shown/);
  assert.doesNotMatch(alone, /no score yet/);
  assert.doesNotMatch(onBoard(rowWith([earlier])), /earlier score|not shown/);
});

test('values dated ahead are told of whoever has no score as well', () => {
  const row = onBoard(rowWith([{ name: 'dated-ahead', valueInteger: 2 }]));
  assert.match(row, /2 values with a date in the future were left out/);
  assert.doesNotMatch(row, /no score yet/);
  assert.match(onBoard(rowWith()), /no score yet/);
});

test('of whom nobody here sees how urgent they are, nothing is said to be missing or not due', () => {
  const hidden = rowWith([{ name: 'acuity-unknown', valueBoolean: true }]);
  assert.match(onBoard(hidden), /Not shown/);
  assert.match(onBoard(hidden), /not shown to you/);
  assert.doesNotMatch(onBoard(hidden), /no score yet|Not assessed/);
  const due = shown(createElement(DueCard, { row: hidden }));
  assert.match(due, /What is due is not shown to you/);
  assert.doesNotMatch(due, /Nothing is due/);
  assert.match(shown(createElement(DueCard, { row: rowWith() })), /Nothing is due/);
  assert.doesNotMatch(shown(createElement(Begin, { row: hidden })), /Treatment begins/);
  const rated = rowWith([{ name: 'acuity', valueInteger: 3 }]);
  assert.match(shown(createElement(Begin, { row: rated })), /Treatment begins/);
  assert.equal(isRated(empty(hidden), hidden.acuity), false);
});

test('the desk is offered no note that nobody would keep', () => {
  const end = createElement(Dispose, { row: rowWith(), onDone: () => {} });
  assert.match(shown(end), /\|Note\|/);
  assert.doesNotMatch(shown(end, 'registration'), /\|Note\|/);
});

test('the board is a table also where CSS makes blocks of it', () => {
  const ordered = { rows: [rowWith()], gone: new Set<string>(), pending: undefined };
  const table = createElement(BoardTable, {
    ordered: { ...ordered, sortNow: () => {} },
    body: { current: null },
  });
  const marks = drawn(table).match(/<(table|thead|tbody|tr|th|td)\b[^>]*>/g) ?? [];
  assert.equal(marks.length, 17);
  for (const mark of marks) assert.match(mark, / role="/);
});

test('whatever the record contradicts itself in is said on the row', () => {
  const texts = ['the first acuity was changed after it was stored', 'more than one acuity'];
  for (const valueString of texts)
    assert.match(
      onBoard(rowWith([{ name: 'record-contradicts', valueString }])),
      new RegExp(`The record contradicts itself: \\|?${valueString}`),
    );
});

const due = (what: string, at: string, who: string) => ({
  name: 'due',
  part: [
    { name: 'what', valueCode: what },
    { name: 'at', valueInstant: at },
    { name: 'who', valueString: who },
  ],
});

test('all that is due is told, and a review can be said to be made', async () => {
  const { Reviewed } = await import('../../src/emergency/attend/Reviewed.tsx');
  const row = rowWith([
    due('review', '2026-11-23T10:30:00Z', 'registrar'),
    due('observations', '2026-11-23T10:35:00Z', 'registered-nurse'),
  ]);
  assert.match(onBoard(row), /Medical review.*also \|?observations/);
  const card = shown(createElement(DueCard, { row }));
  assert.match(card, /Medical review.*Observations.*Registered nurse/);
  assert.match(shown(createElement(Reviewed, { row })), /Review is done/);
  const none = rowWith([due('observations', '2026-11-23T10:35:00Z', 'registered-nurse')]);
  assert.doesNotMatch(shown(createElement(Reviewed, { row: none })), /Review is done/);
});

test('who is being treated was seen, however they leave', () => {
  const ways = (status: string) =>
    shown(
      createElement(Dispose, {
        row: rowWith([{ name: 'status', valueCode: status }]),
        onDone: () => undefined,
      }),
    );
  assert.match(ways('in-progress'), /Left before treatment was complete/);
  assert.match(ways('triaged'), /Left without being seen/);
});

test('flags of the record stand beside those of the attendance', () => {
  const row = onBoard(
    rowWith([
      { name: 'flag', valueCode: 'sepsis' },
      {
        name: 'record-flag',
        part: [
          { name: 'code', valueCode: 'infection' },
          { name: 'text', valueString: 'MRSA carrier' },
        ],
      },
    ]),
  );
  assert.match(row, /Sepsis.*In the record: \|?MRSA carrier/);
});
