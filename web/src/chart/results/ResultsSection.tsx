import { useQuery } from '@tanstack/react-query';
import type { Bundle, Observation } from 'fhir/r4';
import { useState } from 'react';
import { entries } from '../../fhir/client.ts';
import { useFhir } from '../../session/SessionContext.tsx';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Lines } from '../../shell/Lines.tsx';
import { isCostly } from '../first.ts';
import { useKept } from '../live.ts';
import { AsOf } from '../parts/AsOf.tsx';
import pages from '../parts/Pages.module.css';
import { KindTable } from './KindTable.tsx';
import { byKind, type Kind } from './kinds.ts';
import styles from './ResultsSection.module.css';
import { Trend } from './Trend.tsx';

const GROUPS = [
  { category: 'laboratory', label: 'Laboratory' },
  { category: 'vital-signs', label: 'Vital signs' },
  { category: '', label: 'All' },
];

/** Of each kind the newest with its course; one of them in full. */
export function ResultsSection({ id }: { id: string }) {
  const [category, setCategory] = useState('laboratory');
  const [open, setOpen] = useState<string>();
  const { data, error, isPending, refetch, dataUpdatedAt, isRefetchError } = useLast(id, category);
  const kinds = data ? byKind(data.items) : [];
  const chosen = kinds.find((kind) => kind.key === open);
  return (
    <section className={pages.section}>
      <header className={pages.head}>
        <h2>Results</h2>
        <fieldset className={styles.groups}>
          <legend className="hidden">Which results</legend>
          {GROUPS.map((group) => (
            <label key={group.category} className={styles.group}>
              <input
                type="radio"
                name="group"
                checked={group.category === category}
                onChange={() => setCategory(group.category)}
              />
              {group.label}
            </label>
          ))}
        </fieldset>
      </header>
      {isPending && <Lines count={8} />}
      {data && <AsOf at={dataUpdatedAt} failed={isRefetchError} again={() => void refetch()} />}
      {error && !data && <FaultNote fault={error} retry={() => void refetch()} />}
      {data?.cut && (
        <p className="soft">The record is very long: shown is what was measured last.</p>
      )}
      {data && kinds.length === 0 && <p className="soft">No result of this sort is recorded.</p>}
      {kinds.length > 0 && (
        <div className={styles.both}>
          <KindTable kinds={kinds} open={open} onOpen={setOpen} />
          {chosen ? (
            <Trend key={chosen.key} id={id} kind={chosen as Kind} />
          ) : (
            <p className={styles.none}>Choose a result to see its course.</p>
          )}
        </div>
      )}
    </section>
  );
}

/** The last eight of each kind; of records too long for that, the newest of any kind. */
function useLast(id: string, category: string) {
  const fhir = useFhir();
  const kept = useKept();
  const which = category ? `&category=${category}` : '';
  return useQuery({
    queryKey: ['chart', id, 'last', category],
    ...kept,
    queryFn: async () => {
      try {
        const bundle = await fhir.get<Bundle>(`Observation/$lastn?patient=${id}&max=8${which}`);
        return { items: entries<Observation>(bundle, 'Observation'), cut: false };
      } catch (fault) {
        if (!isCostly(fault)) throw fault;
        const newest = `Observation?patient=${id}${which}&_sort=-date&_count=500`;
        const bundle = await fhir.get<Bundle>(newest);
        return { items: entries<Observation>(bundle, 'Observation'), cut: true };
      }
    },
  });
}
