import { useQuery } from '@tanstack/react-query';
import type { Bundle, Encounter, Patient } from 'fhir/r4';
import { entries } from '../fhir/client.ts';
import { firstWords } from '../fhir/codes.ts';
import { ago } from '../fhir/dates.ts';
import { useFhir } from '../session/SessionContext.tsx';
import { FaultNote } from '../shell/FaultNote.tsx';
import { Lines } from '../shell/Lines.tsx';
import { useStore } from '../shell/store.ts';
import { recent } from './opened.ts';
import { type Listed, PatientList } from './PatientList.tsx';

/** What stands there before anything is typed: charts of this session, and who is here. */
export function HereNow() {
  const opened = useStore(recent);
  return (
    <>
      {opened.length > 0 && (
        <section>
          <h2>Opened in this session</h2>
          <PatientList
            people={opened.map(({ id, known }) => ({
              patient: { resourceType: 'Patient', id, ...known },
            }))}
          />
        </section>
      )}
      <Encounters />
    </>
  );
}

const OPEN = 'arrived,triaged,in-progress,onleave';

function Encounters() {
  const fhir = useFhir();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['here'],
    queryFn: () =>
      fhir.get<Bundle>(`Encounter?status=${OPEN}&_sort=-date&_count=50&_include=Encounter:subject`),
  });
  if (error) return <FaultNote fault={error} retry={() => void refetch()} />;
  if (isPending) return <Lines count={6} />;
  const people = listed(entries<Encounter>(data, 'Encounter'), entries<Patient>(data, 'Patient'));
  return (
    <section>
      <h2>Here now</h2>
      {people.length > 0 ? (
        <PatientList people={people} />
      ) : (
        <p className="soft">Nobody has an open visit. Find somebody by name above.</p>
      )}
    </section>
  );
}

/** Each person once, with their newest visit. */
function listed(visits: Encounter[], patients: Patient[]): Listed[] {
  const byReference = new Map(patients.map((p) => [`Patient/${p.id}`, p]));
  const found: Listed[] = [];
  for (const visit of visits) {
    const reference = visit.subject?.reference ?? '';
    const patient = byReference.get(reference);
    if (!patient) continue;
    byReference.delete(reference);
    const why = firstWords(visit.reasonCode) ?? firstWords(visit.type) ?? visit.class?.display;
    found.push({ patient, note: [why, ago(visit.period?.start)].filter(Boolean).join(' · ') });
  }
  return found;
}
