import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameters as FhirParameters } from 'fhir/r4';
import { boardOf, tablesLine } from '../../src/emergency/board/board.ts';
import { filterLine } from '../../src/emergency/board/order.ts';

test('the board says by which tables it works, and which are the site\u2019s own', () => {
  const named = (name: string, title: string, own: boolean) => ({
    name,
    part: [
      { name: 'id', valueCode: `${name}-id` },
      { name: 'title', valueString: title },
      ...(own ? [{ name: 'own', valueBoolean: true }] : []),
    ],
  });
  const answer = (...parameter: FhirParameters['parameter'] & object) =>
    boardOf({ resourceType: 'Parameters', parameter } as FhirParameters, 0).tables;
  const own = answer(
    named('triage-scheme', 'Triage of ours', true),
    named('clocks', 'Clocks', false),
  );
  assert.equal(
    tablesLine(own),
    'Triage: Triage of ours (the site\u2019s own table). Clocks: Clocks',
  );
  const national = answer(named('triage-scheme', 'Australasian Triage Scale', false));
  assert.equal(tablesLine(national), 'Triage: Australasian Triage Scale');
  assert.equal(tablesLine(answer()), '');
});

test('a sheet that leaves people out says what it was asked for', () => {
  const areas = [{ id: 'm', name: 'Majors' }];
  assert.equal(
    filterLine({ area: 'm', overdue: true, who: 'triage-nurse' }, areas),
    'Majors, overdue, triage nurse acts',
  );
  assert.equal(filterLine({ overdue: true }, areas), 'overdue');
  assert.equal(filterLine({}, areas), '');
});
