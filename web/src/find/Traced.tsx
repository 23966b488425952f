import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Patient } from 'fhir/r4';
import { TakeAccess } from '../access/TakeAccess.tsx';
import { formal, gender } from '../fhir/name.ts';
import { FhirError } from '../fhir/outcome.ts';
import { Born } from '../fhir/person.tsx';
import { useFhir } from '../session/SessionContext.tsx';
import { useRole } from '../session/who.ts';
import { FaultNote } from '../shell/FaultNote.tsx';
import { Lines } from '../shell/Lines.tsx';
import { ArrivalForm } from './ArrivalForm.tsx';
import styles from './FindPage.module.css';
import { knownBy, openChart } from './opened.ts';
import type { TracedPerson } from './trace.ts';

/** Who was found by tracing, and what may follow: the chart, or access with a reason. */
export function Traced({ people }: { people: TracedPerson[] }) {
  const person = people[0];
  if (!person) {
    return (
      <p>
        Nobody was found. Everything must be exactly as it is recorded; several people that fit are
        told as nobody.
      </p>
    );
  }
  return <One key={person.id} person={person} />;
}

function One({ person }: { person: TracedPerson }) {
  const fhir = useFhir();
  const role = useRole();
  const known = knownBy(person.name, person.birthDate, person.gender);
  // Whether the chart is open to me already: a 404 says no more than that it is not.
  const {
    data: open,
    error,
    isPending,
    refetch,
  } = useQuery({
    queryKey: ['may-open', person.id],
    queryFn: () =>
      fhir.get<Patient>(`Patient/${person.id}`).then(
        () => true,
        (fault) => {
          if (fault instanceof FhirError && [404, 403].includes(fault.status)) return false;
          throw fault;
        },
      ),
  });
  return (
    <div className={styles.form}>
      <p>
        <strong>
          <bdi>{formal(person.name)}</bdi>
        </strong>
        <br />
        <Born patient={known as Patient} /> · {gender(known)}
      </p>
      {isPending && <Lines count={1} />}
      {error && open === undefined && <FaultNote fault={error} retry={() => void refetch()} />}
      {open && <Button onClick={() => openChart(person.id, known)}>Open the chart</Button>}
      {open === false && role === 'registration' && <ArrivalForm patient={person.id} />}
      {open === false && role !== 'registration' && (
        <TakeAccess patient={person.id} onTaken={() => openChart(person.id, known)} />
      )}
    </div>
  );
}
