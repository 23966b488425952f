import { Button } from '@mantine/core';
import type { Observation } from 'fhir/r4';
import { useState } from 'react';
import { isMarker, words } from '../../fhir/codes.ts';
import { moment } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { valueText } from '../../fhir/quantity.ts';
import type { Attendance } from '../board/board.ts';
import { Acuity } from '../parts.tsx';
import styles from './Attend.module.css';
import { acuities, isScore, levelOf, whenOf } from './course.ts';

interface Props {
  row: Attendance;
  observations: readonly Observation[];
}

/** The initial acuity and the later ones. */
export function AcuityCourse({ row, observations }: Props) {
  const given = acuities(observations);
  if (given.length === 0 && row.acuity === undefined) {
    return <p className="soft">Not assessed yet.</p>;
  }
  if (given.length === 0) {
    return (
      <ul className={styles.acuities}>
        {row.initialAcuity !== undefined && row.initialAcuity !== row.acuity && (
          <li>
            <Acuity level={row.initialAcuity} /> <span className="soft">at first</span>
          </li>
        )}
        <li>
          <Acuity level={row.acuity} /> <span className="soft">now</span>
        </li>
      </ul>
    );
  }
  return (
    <ul className={styles.acuities}>
      {given.map((each) => (
        <li key={each.id}>
          <Acuity level={each.level} />
          <span className="soft small">
            {each.initial ? 'initial, ' : ''}
            {moment(each.at)}
            {each.by?.[0] && (
              <>
                , <Named reference={each.by[0]} />
              </>
            )}
            {each.note && <span className={styles.under}>{each.note}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

const MMHG = '8480-6';

/** A value with its unit; two pressures are one. */
function told(o: Observation): string {
  const parts = o.component?.flatMap((c) => valueText(c) ?? []);
  const pressure = o.component?.some((c) => c.code.coding?.some((coding) => coding.code === MMHG));
  if (pressure && o.component) {
    const numbers = o.component.map((c) => c.valueQuantity?.value ?? '–').join('/');
    return `${numbers} mmHg`;
  }
  if (isScore(o) && o.valueQuantity?.value !== undefined) return `${o.valueQuantity.value}`;
  if (isScore(o)) return 'incomplete';
  return valueText(o) ?? parts?.join(', ') ?? 'No value';
}

/** Rows that are shown before somebody asks for the rest. */
const ROWS = 60;

interface MeasuredProps {
  observations: readonly Observation[];
  /** Older ones were not asked for. */
  cut: boolean;
}

/** What was measured, each with unit, time and who did it; the newest first. */
export function Measured({ observations, cut }: MeasuredProps) {
  const [whole, setWhole] = useState(false);
  const measured = observations.filter(
    (o) => !isMarker(o) && levelOf(o.valueCodeableConcept) === undefined,
  );
  if (measured.length === 0) return <p className="soft">Nothing was measured yet.</p>;
  const shown = whole ? measured : measured.slice(0, ROWS);
  const rest = measured.length - shown.length;
  return (
    <>
      <table className={styles.table}>
        <caption className="hidden">Observations of this attendance</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Value</th>
            <th scope="col">When</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((o) => (
            <tr key={o.id} className={isScore(o) ? styles.scored : undefined}>
              <th scope="row">{words(o.code)}</th>
              <td className="number">{told(o)}</td>
              <td className="number">{moment(whenOf(o))}</td>
              <td>
                <Named reference={o.performer?.[0]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && (
        <Button variant="default" onClick={() => setWhole(true)}>
          Show {rest} earlier ones
        </Button>
      )}
      {rest === 0 && cut && (
        <p className="soft">Earlier ones are in the chart: this attendance has very many.</p>
      )}
    </>
  );
}
