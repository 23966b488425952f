import type { Patient } from 'fhir/r4';
import { typedDay } from '../fhir/dates.ts';
import { isNhsNumber } from '../fhir/nhs.ts';

export const EMPTY = {
  family: '',
  given: '',
  birthDate: '',
  gender: '',
  number: '',
  postcode: '',
  phone: '',
};
export type Fields = typeof EMPTY;

/** The person of a form, or what is missing, in words. */
export function patientOf(fields: Fields, system: string, organization?: string): Patient | string {
  const family = fields.family.trim();
  if (!family) return 'A family name is needed.';
  const birthDate = typedDay(fields.birthDate);
  if (!birthDate) return 'The whole birth date is needed: day, month and year.';
  const value = fields.number.replace(/[\s-]/g, '');
  if (value && system.endsWith('/nhs-number') && !isNhsNumber(value)) {
    return 'This number is not an NHS number: a digit is wrong or missing.';
  }
  const given = fields.given.trim().split(/\s+/).filter(Boolean);
  const [postalCode, phone] = [fields.postcode.trim(), fields.phone.trim()];
  return {
    resourceType: 'Patient',
    active: true,
    name: [{ use: 'official', family, ...(given.length ? { given } : {}) }],
    birthDate,
    ...(fields.gender ? { gender: fields.gender as Patient['gender'] } : {}),
    ...(value ? { identifier: [{ use: 'official', system, value }] } : {}),
    ...(postalCode ? { address: [{ use: 'home', postalCode }] } : {}),
    ...(phone ? { telecom: [{ system: 'phone', value: phone }] } : {}),
    ...(organization
      ? { managingOrganization: { reference: `Organization/${organization}` } }
      : {}),
  } as Patient;
}
