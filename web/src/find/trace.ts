import type { Bundle, HumanName, Parameters, ParametersParameter } from 'fhir/r4';
import { typedDay } from '../fhir/dates.ts';

export const EMPTY = { number: '', birthDate: '', family: '', given: '', postcode: '' };
export type Fields = typeof EMPTY;

/** As much as tracing tells of somebody. */
export interface TracedPerson {
  id: string;
  name: HumanName | undefined;
  birthDate: string | undefined;
  gender: string | undefined;
}

/** What the operation is asked, or what is missing, in words. */
export function parameters(fields: Fields, system: string): ParametersParameter[] | string {
  const birthDate = typedDay(fields.birthDate);
  if (!birthDate) return 'The whole birth date is needed: day, month and year.';
  const value = fields.number.replace(/[\s-]/g, '');
  const born: ParametersParameter = { name: 'birthDate', valueDate: birthDate };
  if (value) return [born, { name: 'identifier', valueIdentifier: { system, value } }];
  const { family, given, postcode } = fields;
  if (!family.trim() || !given.trim() || !postcode.trim()) {
    return 'Without a number, family name, given name and postcode are needed, all three.';
  }
  return [
    born,
    { name: 'family', valueString: family.trim() },
    { name: 'given', valueString: given.trim() },
    { name: 'postalCode', valueString: postcode.trim() },
  ];
}

/** Who is named in the answer; one at most. */
export function people(answer: Parameters | Bundle): TracedPerson[] {
  if (answer.resourceType !== 'Parameters') return [];
  const matches = answer.parameter?.filter((p) => p.name === 'match') ?? [];
  return matches.flatMap(({ part }) => {
    const by = (name: string) => part?.find((p) => p.name === name);
    const id = by('patient')?.valueReference?.reference?.split('/')[1];
    if (!id) return [];
    return [
      {
        id,
        name: by('name')?.valueHumanName,
        birthDate: by('birthDate')?.valueDate,
        gender: by('gender')?.valueCode,
      },
    ];
  });
}
