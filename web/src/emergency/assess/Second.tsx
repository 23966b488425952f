import { Button } from '@mantine/core';
import { isMarker } from '../../fhir/codes.ts';
import { moment } from '../../fhir/dates.ts';
import { Named } from '../../fhir/Named.tsx';
import { measuredText } from '../attend/measured.ts';
import { useCourse } from '../attend/useCourse.ts';
import type { Attendance } from '../board/board.ts';
import { Acuity, Doubts, ScoreCell } from '../parts.tsx';
import styles from './Assess.module.css';
import type { Draft } from './draft.ts';
import type { Result } from './result.ts';
import { isAsked, VITALS } from './vitals.ts';

interface Props {
  row: Attendance;
  draft: Draft;
  result: Result | undefined;
  child: boolean;
  onKeep: () => void;
  onDrop: () => void;
}

/** Somebody else was first: what is stored, what was typed, and the choice between them. */
export function Second({ row, draft, result, child, onKeep, onDrop }: Props) {
  const { data: course } = useCourse(row.id);
  const newest = course?.observations[0];
  const { values } = draft;
  const typed = VITALS.filter((vital) => isAsked(vital, values, child) && values[vital.id]?.trim());
  const total = result?.total ?? (result?.scored ? `at least ${result.atLeast}` : undefined);
  return (
    <section className={styles.second} role="alert" aria-labelledby="second">
      <h2 id="second">Somebody else was first</h2>
      <p>
        This attendance was changed after you opened the form
        {newest?.performer?.[0] && (
          <>
            , last by <Named reference={newest.performer[0]} />
          </>
        )}
        {newest && ` at ${moment(newest.effectiveDateTime ?? newest.issued)}`}. Nothing of yours is
        stored yet, and nothing you typed is lost.
      </p>
      <div className={styles.both}>
        <div>
          <h3>Stored now</h3>
          <Acuity level={row.acuity} closed={row.acuityUnknown} />
          <ScoreCell row={row} />
          <Doubts row={row} />
          <ul>
            {course?.observations
              .filter((o) => !isMarker(o))
              .slice(0, 10)
              .map((o) => (
                <li key={o.id}>
                  {o.code.text ?? o.code.coding?.[0]?.display ?? o.code.coding?.[0]?.code}:{' '}
                  {measuredText(o)}
                </li>
              ))}
          </ul>
        </div>
        <div>
          <h3>Yours, not stored</h3>
          <Acuity level={draft.acuity ?? result?.acuity?.level} />
          {total !== undefined && (
            <p>
              {result?.scheme.id.toUpperCase()} <b>{total}</b> {result?.label}
            </p>
          )}
          <ul>
            {typed.map((vital) => (
              <li key={vital.id}>
                {vital.title}: {values[vital.id]} {vital.shown}
              </li>
            ))}
          </ul>
        </div>
      </div>
      <div className={styles.buttons}>
        <Button onClick={onKeep}>Store mine as a further assessment</Button>
        <Button variant="default" onClick={onDrop}>
          Drop mine
        </Button>
      </div>
    </section>
  );
}
