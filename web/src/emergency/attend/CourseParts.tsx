import { Button } from '@mantine/core';
import type { Observation } from 'fhir/r4';
import { useState } from 'react';
import { isMarker, words } from '../../fhir/codes.ts';
import { moment } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import type { Attendance } from '../board/board.ts';
import { Acuity } from '../parts.tsx';
import styles from './Attend.module.css';
import { acuities, isScore, levelOf, whenOf } from './course.ts';
import { measuredText } from './measured.ts';

interface Props {
  row: Attendance;
  observations: readonly Observation[];
}

/** The initial acuity and the later ones. */
export function AcuityCourse({ row, observations }: Props) {
  const given = acuities(observations);
  if (given.length === 0 && row.acuityUnknown) {
    return <p className="soft">Assessed; how urgent is not shown to you.</p>;
  }
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
            {each.computed !== undefined && `computed ${each.computed}, `}
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

const SEALED = 'Some observations of this attendance are sealed and not shown here.';

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
  const sealed = observations.some(isMarker);
  if (measured.length === 0) {
    return <p className="soft">{sealed ? SEALED : 'Nothing was measured yet.'}</p>;
  }
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
              <td className="number">{measuredText(o)}</td>
              <td className="number">{moment(whenOf(o))}</td>
              <td>
                <Named reference={o.performer?.[0]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sealed && <p className="soft">{SEALED}</p>}
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
