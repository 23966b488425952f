import { useQuery } from '@tanstack/react-query';
import type { Bundle, Encounter, Patient } from 'fhir/r4';
import { entries } from '../fhir/client.ts';
import { firstWords } from '../fhir/codes.ts';
import { order } from '../fhir/dates.ts';
import { useFhir } from '../session/SessionContext.tsx';
import { Ago } from '../shell/Ago.tsx';
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

/** Open visits that are looked at; a list that is cut says so. */
const MOST = 200;
const OPEN = 'arrived,triaged,in-progress,onleave';

function Encounters() {
  const fhir = useFhir();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['here'],
    refetchInterval: 60_000,
    queryFn: () =>
      fhir.get<Bundle>(
        `Encounter?status=${OPEN}&_sort=-date&_count=${MOST}&_include=Encounter:subject`,
      ),
  });
  if (error) return <FaultNote fault={error} retry={() => void refetch()} />;
  if (isPending) return <Lines count={6} />;
  const people = listed(entries<Encounter>(data, 'Encounter'), entries<Patient>(data, 'Patient'));
  return (
    <section>
      <h2>Here now</h2>
      {people.length > 0 ? (
        <>
          <PatientList people={people} />
          {(data.total ?? 0) > MOST && (
            <p className="soft">There are more: {data.total} open visits. Find others by name.</p>
          )}
        </>
      ) : (
        <p className="soft">Nobody has an open visit. Find somebody by name above.</p>
      )}
    </section>
  );
}

/**
 * Each person once, with their newest visit. Whose details another organisation keeps is listed
 * too: somebody who is here must not be missing from the list because of that.
 */
function listed(visits: Encounter[], patients: Patient[]): Listed[] {
  const known = new Map(patients.map((p) => [`Patient/${p.id}`, p]));
  const found = new Map<string, Listed>();
  // Open visits have no end, and are all alike to an order by periods: the newest begin first here.
  const newest = visits.toSorted((a, b) => order(b.period?.start) - order(a.period?.start));
  for (const visit of newest) {
    const reference = visit.subject?.reference ?? '';
    const id = reference.split('/')[1];
    if (!id || found.has(reference)) continue;
    const why = firstWords(visit.reasonCode) ?? firstWords(visit.type) ?? visit.class?.display;
    const note = (
      <>
        {why && `${why} · `}
        <Ago at={visit.period?.start} />
      </>
    );
    const patient = known.get(reference) ?? { resourceType: 'Patient', id };
    found.set(reference, { patient, note, elsewhere: !known.has(reference) });
  }
  return [...found.values()];
}
