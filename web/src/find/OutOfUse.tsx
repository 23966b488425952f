import type { Patient } from 'fhir/r4';
import { replacedBy } from '../fhir/person.tsx';
import { follow } from '../shell/router.ts';
import { addressOf } from './opened.ts';

/** That a record is not to be used, and where the one is that took its place. */
export function OutOfUse({ patient }: { patient: Patient }) {
  const other = replacedBy(patient);
  if (other === undefined) return <>Out of use</>;
  const address = addressOf(other);
  return (
    <>
      Out of use, replaced by{' '}
      <a href={address} onClick={follow(address)}>
        another record
      </a>
    </>
  );
}
