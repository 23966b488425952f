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
  if (!birthDate) return 'The whole birth date is needed: a day that there is, month and year.';
  if (birthDate > today()) return 'The birth date lies in the future.';
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

/** The day here, as dates are written. */
function today(): string {
  const now = new Date();
  const two = (part: number) => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
