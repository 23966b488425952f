import type { Observation } from 'fhir/r4';
import { order } from '../../fhir/dates.ts';
import { Ago } from '../../shell/Ago.tsx';
import { byKind, lines, measured } from '../results/kinds.ts';
import { Spark } from '../results/Spark.tsx';
import { Value } from '../results/value.tsx';
import { Cut } from './Cut.tsx';
import styles from './Vitals.module.css';

/** How many kinds fit. */
const SHOWN = 16;

/** The last of each vital sign, with where it comes from. */
export function Vitals({ observations }: { observations: Observation[] }) {
  const kinds = byKind(observations);
  return (
    <>
      <ul className={styles.grid}>
        {kinds.slice(0, SHOWN).map((kind) => {
          const [newest] = kind.items;
          if (!newest) return null;
          const when = measured(newest);
          return (
            <li key={kind.key} className={styles.tile}>
              <span className="soft small">{kind.name}</span>
              <strong>
                <Value of={newest} />
              </strong>
              <Spark lines={lines({ ...kind, items: lately(kind.items) })} />
              <Ago at={when} className="soft small" />
            </li>
          );
        })}
      </ul>
      <Cut shown={SHOWN} kinds={kinds.length} />
    </>
  );
}

/** As far back as a course of vital signs says something about now. */
const BACK_MS = 72 * 3_600_000;

/** What was measured shortly before the newest. */
function lately(items: Observation[]): Observation[] {
  const newest = order(items[0] && measured(items[0]));
  return items.filter((o) => newest - order(measured(o)) <= BACK_MS);
}
