import { day } from '../../fhir/dates.ts';
import { openChart } from '../../find/opened.ts';
import type { Attendance } from '../board/board.ts';
import { Acuity, agesex, Flags, Since } from '../parts.tsx';
import styles from './Attend.module.css';

/** Whom it is about, on every page about one person. */
export function Who({ row }: { row: Attendance }) {
  const { patient } = row;
  return (
    <div className={styles.who}>
      <Acuity level={row.acuity} />
      <strong className={styles.name}>
        <bdi>{row.name ?? 'Name not known'}</bdi>
      </strong>
      <span className="number">
        {agesex(row)}
        {row.birthDate && `, born ${day(row.birthDate)}`}
      </span>
      <span>{row.complaint ?? 'No complaint recorded'}</span>
      <span className="number">
        here for <Since at={row.arrived} />
        {row.area && `, ${row.area.name}`}
      </span>
      <Flags of={row.flags} />
      {patient && (
        <button type="button" className="link" onClick={() => openChart(patient)}>
          Open the chart
        </button>
      )}
    </div>
  );
}
