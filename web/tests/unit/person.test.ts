import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Identifier, Patient } from 'fhir/r4';
import { local, replacedBy } from '../../src/fhir/person.tsx';

test('the number of the hospital is its own and no other', () => {
  const MR = { type: { coding: [{ code: 'MR' }] } };
  const numberOf = (identifier: Identifier[], keeper = 'Organization/own') =>
    local({ identifier, managingOrganization: { reference: keeper } }, 'own');
  const given = (by: string) => ({ assigner: { reference: `Organization/${by}` } });
  assert.equal(numberOf([{ ...MR, value: '1' }]), '1');
  assert.equal(numberOf([{ ...MR, ...given('own'), value: '1' }], 'Organization/other'), '1');
  assert.equal(numberOf([{ value: '1' }]), undefined);
  assert.equal(numberOf([{ type: { coding: [{ code: 'PPN' }] }, value: '1' }]), undefined);
  assert.equal(numberOf([{ ...MR, use: 'old', value: '1' }]), undefined);
  assert.equal(numberOf([{ ...MR, ...given('other'), value: '1' }]), undefined);
  assert.equal(numberOf([{ ...MR, value: '1' }], 'Organization/other'), undefined);
  assert.equal(local({ identifier: [{ ...MR, value: '1' }] }, undefined), undefined);
});

test('a record out of use says which took its place', () => {
  const linked = (type: 'replaced-by' | 'replaces', reference: string) =>
    replacedBy({ link: [{ type, other: { reference } }] } as Patient);
  assert.equal(linked('replaced-by', 'Patient/b'), 'b');
  assert.equal(linked('replaces', 'Patient/b'), undefined);
  assert.equal(linked('replaced-by', 'RelatedPerson/b'), undefined);
  assert.equal(replacedBy({}), undefined);
});
