import type { Observation } from 'fhir/r4';
import { ago, moment } from '../../fhir/dates.ts';
import { byKind, lines, measured } from '../results/kinds.ts';
import { Spark } from '../results/Spark.tsx';
import { Value } from '../results/value.tsx';
import styles from './Vitals.module.css';

/** The last of each vital sign, with where it comes from. */
export function Vitals({ observations }: { observations: Observation[] }) {
  return (
    <ul className={styles.grid}>
      {byKind(observations)
        .slice(0, 9)
        .map((kind) => {
          const [newest] = kind.items;
          if (!newest) return null;
          const when = measured(newest);
          return (
            <li key={kind.key} className={styles.tile}>
              <span className="soft small">{kind.name}</span>
              <strong>
                <Value of={newest} />
              </strong>
              <Spark lines={lines(kind)} />
              <time className="soft small" dateTime={when} title={moment(when)}>
                {ago(when)}
              </time>
            </li>
          );
        })}
    </ul>
  );
}
