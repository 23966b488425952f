import { Button } from '@mantine/core';
import type { Observation } from 'fhir/r4';
import { useEffect, useState } from 'react';
import { useRole } from '../../session/who.ts';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Lines } from '../../shell/Lines.tsx';
import { follow, go, useTitle } from '../../shell/router.ts';
import { site } from '../../shell/site.ts';
import { hasDraft } from '../assess/drafts.ts';
import type { Attendance } from '../board/board.ts';
import { attendanceAddress } from '../keys.ts';
import { forgetOutcome, outcomeOf } from '../outcome.ts';
import { ScoreCell } from '../parts.tsx';
import { useTime } from '../ticking.ts';
import styles from './Attend.module.css';
import { Begin } from './Begin.tsx';
import { Confirm } from './Confirm.tsx';
import { AcuityCourse, Measured } from './CourseParts.tsx';
import { scores } from './course.ts';
import { Dispose } from './Dispose.tsx';
import { DueCard } from './DueCard.tsx';
import { Reviewed } from './Reviewed.tsx';
import { ScoreChart } from './ScoreChart.tsx';
import { useCourse } from './useCourse.ts';
import { Who } from './Who.tsx';

/** One attendance: what is due, how it went so far, and what can be done. */
export function AttendancePage({ row }: { row: Attendance }) {
  useTitle('Attendance', site().name);
  const { data, error, refetch } = useCourse(row.id, !row.closed);
  const role = useRole();
  const [ending, setEnding] = useState(false);
  const [outcome] = useState(() => outcomeOf(row.id));
  const now = useTime((at) => Math.floor(at / 60_000) * 60_000);
  useEffect(() => () => forgetOutcome(row.id), [row.id]);
  // Whatever changes the row changes the course as well.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the change
  useEffect(() => {
    if (!row.closed) void refetch();
  }, [row.version, row.closed, refetch]);
  return (
    <section className={styles.page}>
      <header className={styles.head}>
        <a href="/emergency" onClick={follow('/emergency')}>
          Back to the board
        </a>
        <h1>Attendance</h1>
        <Who row={row} />
      </header>
      <div role="status" className={outcome ? styles.outcome : undefined}>
        {outcome}
      </div>
      <div className={styles.actions}>
        {role !== 'registration' && (
          <Button onClick={() => go(attendanceAddress(row.id, 'assess'))}>
            {row.acuity === undefined && !row.acuityUnknown ? 'Assess' : 'Assess again'}
            {hasDraft(row.id) && ': go on with what you typed'}
          </Button>
        )}
        {role !== 'registration' && <Begin row={row} />}
        {role !== 'registration' && <Reviewed row={row} />}
        <Button variant="default" onClick={() => setEnding(true)}>
          End the attendance
        </Button>
      </div>
      <Confirm row={row} />
      {error && <FaultNote fault={error} retry={() => void refetch()} />}
      <div className={styles.cards}>
        <DueCard row={row} />
        {!row.closed && <Scores row={row} observations={data?.observations} now={now} />}
      </div>
      {row.closed ? (
        <p className="soft">
          What is clinical is not shown to you: acuity, scores and observations.
        </p>
      ) : (
        <section className={styles.card} aria-labelledby="measured">
          <h2 id="measured">Observations</h2>
          {data ? (
            <Measured observations={data.observations} cut={data.cut} />
          ) : (
            !error && <Lines count={5} />
          )}
        </section>
      )}
      {ending && <Dispose row={row} onDone={() => setEnding(false)} />}
    </section>
  );
}

interface ScoresProps {
  row: Attendance;
  /** Nothing while they are loaded. */
  observations: readonly Observation[] | undefined;
  now: number;
}

/** How it went: the score over time, and what acuity was given when. */
function Scores({ row, observations, now }: ScoresProps) {
  return (
    <>
      <section className={styles.card} aria-labelledby="score">
        <h2 id="score">Score</h2>
        <ScoreCell row={row} />
        {observations ? (
          <ScoreChart points={scores(observations)} scheme={row.score?.scheme} now={now} />
        ) : (
          <Lines count={3} />
        )}
        {row.score && <p className="soft small">✕ marks an incomplete score; lines stop there.</p>}
      </section>
      <section className={styles.card} aria-labelledby="acuities">
        <h2 id="acuities">Acuity</h2>
        <AcuityCourse row={row} observations={observations ?? []} />
      </section>
    </>
  );
}
