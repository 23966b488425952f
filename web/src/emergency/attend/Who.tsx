import { useRef } from 'react';
import { Allergies } from '../../chart/Allergies.tsx';
import { useAllergies } from '../../chart/first.ts';
import { day } from '../../fhir/dates.ts';
import { openChart } from '../../find/opened.ts';
import { useRole } from '../../session/who.ts';
import { Pinned } from '../../shell/Pinned.tsx';
import type { Attendance } from '../board/board.ts';
import { Acuity, agesex, Doubts, Flags, Since } from '../parts.tsx';
import styles from './Attend.module.css';

/** Whom it is about, on every page about one person, and what must not be given. */
export function Who({ row }: { row: Attendance }) {
  const { patient } = row;
  const whole = useRef<HTMLDivElement>(null);
  // The desk sees nothing clinical, and is not asked for it.
  const clinical = useRole() !== 'registration' && patient !== undefined;
  const allergies = useAllergies(clinical ? patient : undefined);
  const name = <bdi>{row.name ?? 'Name not known'}</bdi>;
  const born = `${agesex(row)}${row.birthDate ? `, born ${day(row.birthDate)}` : ''}`;
  return (
    <div ref={whole} className={styles.who}>
      <Pinned of={whole}>
        <Acuity level={row.acuity} closed={row.closed || row.acuityUnknown} bare />
        <strong>{name}</strong>
        <span className="number">{born}</span>
        {clinical && <Allergies part={allergies} brief />}
      </Pinned>
      <Acuity level={row.acuity} closed={row.closed || row.acuityUnknown} />
      <strong className={styles.name}>{name}</strong>
      <span className="number">{born}</span>
      <span>{row.complaint ?? 'No complaint recorded'}</span>
      <span className="number">
        here for <Since at={row.arrived} />
        {row.area && `, ${row.area.name}`}
      </span>
      <Flags of={row} />
      <Doubts row={row} />
      {clinical && <Allergies part={allergies} />}
      {patient && (
        <button type="button" className="link" onClick={() => openChart(patient)}>
          Open the chart
        </button>
      )}
    </div>
  );
}
