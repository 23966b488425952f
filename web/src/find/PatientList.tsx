import type { Patient } from 'fhir/r4';
import type { ReactNode } from 'react';
import { isMarker } from '../fhir/codes.ts';
import { formal, gender, pick } from '../fhir/name.ts';
import { Born, isOutOfUse, national } from '../fhir/person.tsx';
import { follow } from '../shell/router.ts';
import { site } from '../shell/site.ts';
import { addressOf } from './opened.ts';
import styles from './PatientList.module.css';

/** A person in a list, and why they are in it. */
export interface Listed {
  patient: Patient;
  /** Where they are, since when; shown under the name. */
  note?: ReactNode;
  /** Another organisation keeps who they are. */
  elsewhere?: boolean;
}

/** People, one a line, told apart by more than a name. */
export function PatientList({ people }: { people: Listed[] }) {
  return (
    <ul className={styles.list}>
      {people.map(({ patient, note, elsewhere }) => {
        const address = addressOf(patient.id ?? '', elsewhere ? {} : patient);
        const number = national(patient);
        return (
          <li key={patient.id}>
            <a href={address} onClick={follow(address)} className={styles.row}>
              <span className={styles.name}>
                <bdi>{elsewhere ? 'Name kept by another organisation' : titleOf(patient)}</bdi>
                {isOutOfUse(patient) && <span className={styles.note}>⚠ Out of use</span>}
                {note && <span className={styles.note}>{note}</span>}
              </span>
              {!elsewhere && <Born patient={patient} />}
              {!elsewhere && <span>{gender(patient)}</span>}
              <span className="number">
                {number && (
                  <>
                    <span className="hidden">{site().nationalIdentifier.label} </span>
                    {number}
                  </>
                )}
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

function titleOf(patient: Patient): string {
  return isMarker(patient) ? 'Sealed record' : formal(pick(patient.name));
}
