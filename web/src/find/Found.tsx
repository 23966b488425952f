import { useQuery } from '@tanstack/react-query';
import type { Patient } from 'fhir/r4';
import { entries } from '../fhir/client.ts';
import { useFhir } from '../session/SessionContext.tsx';
import { FaultNote } from '../shell/FaultNote.tsx';
import { Lines } from '../shell/Lines.tsx';
import { hits } from './hits.ts';
import { PatientList } from './PatientList.tsx';

const PAGE = 25;

/**
 * Who fits what was typed, among those that exist for me. Those who fitted less of it are gone at
 * once: nobody who no longer fits may be opened.
 */
export function Found({ asked, onTrace }: { asked: [string, string][]; onTrace: () => void }) {
  const fhir = useFhir();
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ['find', asked],
    queryFn: () =>
      fhir.search<Patient>('Patient', [...asked, ['_sort', 'family,given'], ['_count', `${PAGE}`]]),
  });
  if (error) return <FaultNote fault={error} retry={() => void refetch()} />;
  if (isPending) return <Lines />;
  const people = entries<Patient>(data, 'Patient');
  const total = data.total ?? people.length;
  return (
    <section aria-label="Found">
      <p role="status" className="soft small">
        {hits(people.length, total)}
      </p>
      {total === 0 ? (
        <p>
          Check the spelling, or{' '}
          <button type="button" className="link" onClick={onTrace}>
            trace somebody you do not care for yet
          </button>
          .
        </p>
      ) : (
        <PatientList people={people.map((patient) => ({ patient }))} />
      )}
    </section>
  );
}
