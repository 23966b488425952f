import type { Patient } from 'fhir/r4';
import { site } from '../shell/site.ts';
import { age } from './age.ts';
import { day } from './dates.ts';
import { spaced } from './nhs.ts';

/** The number of the national kind, with spaces, if the record has one. */
export function national(patient: Pick<Patient, 'identifier'>): string | undefined {
  const { system } = site().nationalIdentifier;
  const found = patient.identifier?.find((i) => i.system === system && i.use !== 'old');
  return found?.value && spaced(found.value);
}

/** The number of the hospital itself. */
export function local(patient: Pick<Patient, 'identifier'>): string | undefined {
  const { system } = site().nationalIdentifier;
  return patient.identifier?.find((i) => i.system !== system && i.use !== 'old' && i.value)?.value;
}

/** Day and, if there is one, the age of death; nothing for the living. */
export function death(patient: Patient): string | undefined {
  const at = patient.deceasedDateTime;
  if (at) return [day(at), years(patient.birthDate, at)].filter(Boolean).join(' ');
  return patient.deceasedBoolean ? 'day not recorded' : undefined;
}

function years(born: string | undefined, at: string): string | undefined {
  const found = age(born, new Date(at));
  return found && `(${found})`;
}

/** `17-Apr-1961 (65y)`. Of the dead no age is told that goes on. */
export function Born({ patient }: { patient: Pick<Patient, 'birthDate'> & Partial<Patient> }) {
  const dead = patient.deceasedDateTime ?? patient.deceasedBoolean;
  const now = dead ? undefined : age(patient.birthDate);
  return (
    <span className="number">
      {day(patient.birthDate) ?? 'birth date not recorded'}
      {now && ` (${now})`}
    </span>
  );
}
