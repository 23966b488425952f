import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement } from 'react';
import { type Arrival, arrival, MODES } from '../../src/emergency/arrive/arrival.ts';
import { timeOf } from '../../src/emergency/typedTime.ts';
import { wordsOf } from '../../src/emergency/words.ts';
import { drawn } from '../emergency/shown.ts';

const { ArrivalFields } = await import('../../src/emergency/arrive/ArrivalFields.tsx');

const MIN = 60_000;
const TYPED: Arrival = {
  mode: 'walk-in',
  complaint: 'Fall',
  area: '',
  time: '',
  reason: '',
  tomorrow: false,
};
const typed = (part: Partial<Arrival> = {}): Arrival => ({ ...TYPED, ...part });

/** What would be sent, or what is refused. */
function sent(part: Partial<Arrival>, now: Date) {
  const asked = arrival(typed(part), 'p', 'o', now);
  if (!Array.isArray(asked)) return asked;
  const told = (name: string) => asked.find((one) => one.name === name);
  return {
    arrived: told('arrived')?.valueDateTime,
    reason: told('reason')?.valueString,
    expected: told('expected')?.valueInstant,
  };
}

/** In how many minutes somebody is expected, or why they are not. */
function expectedIn(time: string, now: Date, tomorrow = false) {
  const told = sent({ mode: 'pre-alert', time, tomorrow }, now);
  return 'text' in told ? told.text : (Date.parse(told.expected ?? '') - now.getTime()) / MIN;
}

test('an arrival long ago needs a reason, and none is in the future', () => {
  const now = new Date(2026, 10, 22, 14, 30);
  assert.equal(timeOf('14:05', now)?.getMinutes(), 5);
  assert.equal(timeOf('9.30', now)?.getHours(), 9);
  assert.equal(timeOf('24:00', now), undefined);
  // Soon after midnight, late in the evening was yesterday.
  const night = new Date(2026, 10, 23, 0, 5);
  assert.equal(timeOf('23:55', night)?.getTime(), night.getTime() - 10 * MIN);
  assert.ok('arrived' in sent({ time: '23:56' }, night));
  assert.ok('arrived' in sent({}, now));
  const field = (part: Partial<Arrival>) => {
    const told = sent(part, now);
    return 'field' in told ? told.field : undefined;
  };
  assert.equal(field({ complaint: ' ' }), 'complaint');
  assert.equal(field({ time: '15:00' }), 'reason');
  assert.equal(field({ time: '14:00' }), 'reason');
  assert.equal(field({ time: 'two' }), 'time');
  assert.equal(field({ time: '14:25' }), undefined);
  const told = sent({ time: '14:00', reason: 'printer' }, now);
  assert.equal('reason' in told && told.reason, 'printer');
});

test('a time that is still to come today was yesterday; one a little ahead is now', () => {
  const morning = new Date(2026, 10, 23, 9, 0);
  assert.equal(timeOf('20:55', morning)?.getDate(), 22);
  assert.equal(timeOf('09:00', morning)?.getDate(), 23);
  assert.equal(timeOf('09:02', morning)?.getTime(), morning.getTime());
  assert.equal(timeOf('09:03', morning)?.getDate(), 22);
  const told = sent({ time: '20:55' }, morning);
  assert.match('text' in told ? told.text : '', /^That was yesterday/);
});

test('who is expected lies ahead: late by up to an hour is now, tomorrow is asked', () => {
  const now = new Date(2026, 10, 23, 14, 5, 30);
  assert.equal(expectedIn('14:35', now), 29.5);
  // The minute that has begun, and an ambulance that is late, are not of tomorrow.
  for (const time of ['14:05', '14:04', '13:06']) assert.equal(expectedIn(time, now), 1, time);
  assert.match(`${expectedIn('13:00', now)}`, /^That is tomorrow 13:00/);
  assert.equal(expectedIn('13:00', now, true), 24 * 60 - 65.5);
  assert.match(`${expectedIn('', now)}`, /^Say when/);
  // Across midnight what is soon needs no question.
  const night = new Date(2026, 10, 23, 23, 50);
  assert.equal(expectedIn('00:10', night), 20);
  assert.equal(expectedIn('23:55', new Date(2026, 10, 24, 0, 10)), 1);
  assert.match(`${expectedIn('03:00', night)}`, /^That is tomorrow 03:00/);
});

test('what is refused is said at its field, and tomorrow is asked there', () => {
  const set = () => {};
  const form = (part: Partial<Arrival>, now: Date) => {
    const asked = arrival(typed(part), 'p', 'o', now);
    const refused = Array.isArray(asked) ? undefined : asked;
    return drawn(createElement(ArrivalFields, { typed: typed(part), refused, set }));
  };
  const now = new Date(2026, 10, 23, 14, 0);
  assert.doesNotMatch(form({}, now), /aria-invalid="true"/);
  const nothing = form({ complaint: '' }, now);
  const [field = ''] = /<input[^>]*aria-invalid="true"[^>]*>/.exec(nothing) ?? [];
  const described = /aria-describedby="([^" ]+)/.exec(field)?.[1] ?? 'none';
  assert.match(nothing, new RegExp(`id="${described}"[^>]*>Say in a few words`));
  const tomorrow = form({ mode: 'pre-alert', time: '12:00' }, now);
  assert.match(tomorrow, /aria-invalid="true"/);
  assert.match(tomorrow, /Yes, tomorrow/);
  assert.doesNotMatch(form({ mode: 'pre-alert', time: '14:30' }, now), /Yes, tomorrow/);
});

test('every way to come has a word, the usual ones first', () => {
  assert.deepEqual(MODES.slice(0, 2), ['walk-in', 'ambulance']);
  const words = MODES.map(wordsOf);
  assert.equal(new Set(words).size, MODES.length);
  for (const mode of ['air-ambulance', 'police', 'prison']) assert.ok(MODES.includes(mode), mode);
});
