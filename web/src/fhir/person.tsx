import type { Patient } from 'fhir/r4';
import { site } from '../shell/site.ts';
import { age } from './age.ts';
import { has } from './codes.ts';
import { day } from './dates.ts';
import { spaced } from './nhs.ts';

/** The number of the national kind, with spaces, if the record has one. */
export function national(patient: Pick<Patient, 'identifier'>): string | undefined {
  const { system } = site().nationalIdentifier;
  const found = patient.identifier?.find((i) => i.system === system && i.use !== 'old');
  return found?.value && spaced(found.value);
}

type Numbered = Pick<Patient, 'identifier' | 'managingOrganization'>;

/**
 * The number that an organisation itself has given. A number of another hospital, or of a passport,
 * under this name would lead to somebody else's record: who gave it must be known.
 */
export function local(patient: Numbered, organization: string | undefined): string | undefined {
  if (organization === undefined) return undefined;
  const own = `Organization/${organization}`;
  const keeper = patient.managingOrganization?.reference;
  const found = patient.identifier?.find(
    (i) => has(i.type, 'MR') && i.use !== 'old' && (i.assigner?.reference ?? keeper) === own,
  );
  return found?.value;
}

/** Whether a record is not to be used any more. */
export const isOutOfUse = (patient: Pick<Patient, 'active'>) => patient.active === false;

/** The id of the record that took the place of one out of use. */
export function replacedBy(patient: Pick<Patient, 'link'>): string | undefined {
  const other = patient.link?.find((link) => link.type === 'replaced-by')?.other.reference;
  return other?.startsWith('Patient/') ? other.split('/')[1] : undefined;
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
