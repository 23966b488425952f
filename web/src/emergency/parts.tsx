import { age } from '../fhir/age.ts';
import type { Attendance, Score } from './board/board.ts';
import styles from './parts.module.css';
import { useTime } from './ticking.ts';
import { clockTime, lasting, until } from './times.ts';
import { acuityTitle, FLAGS, sexLetter, within, wordsOf } from './words.ts';

/** Outlines that tell the levels apart without colour: 1 octagon, 2 diamond, 3 triangle, … */
const SHAPES: Record<number, string> = {
  1: 'M10 2h12l8 8v12l-8 8H10l-8-8V10z',
  2: 'M16 1l15 15-15 15L1 16z',
  3: 'M16 2l15 28H1z',
  4: 'M3 3h26v26H3z',
};
const CIRCLE = 'M16 2a14 14 0 1 1 0 28a14 14 0 1 1 0-28z';

interface AcuityProps {
  level: number | undefined;
  bare?: boolean;
  /** Whether there is one is not shown to who asks. */
  closed?: boolean;
}

/** Number, shape, colour and word of an acuity. */
export function Acuity({ level, bare = false, closed = false }: AcuityProps) {
  const known = level ?? 0;
  return (
    <span className={styles.acuity}>
      <svg viewBox="0 0 32 32" className={styles.shape} data-acuity={known} aria-hidden="true">
        <path d={SHAPES[known] ?? CIRCLE} />
        <text x="16" y={known === 3 ? 27 : 22.5} textAnchor="middle">
          {level ?? (closed ? '–' : '?')}
        </text>
      </svg>
      <span className={bare ? 'hidden' : styles.word}>
        <span className="hidden">Acuity {level ?? ''} </span>
        {closed ? 'Not shown' : acuityTitle(level)}
      </span>
    </span>
  );
}

const ICONS: Record<string, string> = {
  sepsis: 'M8 1c3 4 4.5 6.3 4.5 8.6a4.5 4.5 0 0 1-9 0C3.5 7.3 5 5 8 1z',
  safeguarding: 'M8 1l6 2v5c0 3.6-2.5 5.9-6 7-3.5-1.100-6-3.400-6-7V3z',
  infection: 'M8 1l7 13H1zM7.2 6v4h1.6V6zM7.2 11v1.6h1.6V11z',
  'mental-health': 'M2 2h12v9H8l-4 4v-4H2z',
  'learning-disability': 'M1 3h6l1 1 1-1h6v10H9l-1 1-1-1H1zM7.5 5v7h1V5z',
  falls: 'M8 15L2 8h4V1h4v7h4z',
};

/** What to look out for: a sign and its name, in one neutral colour. */
export function Flags({ of: row }: { of: Pick<Attendance, 'flags' | 'recordFlags'> }) {
  if (row.flags.length + row.recordFlags.length === 0) return null;
  return (
    <ul className={styles.flags}>
      {row.flags.map((flag) => (
        <li key={flag} title={FLAGS[flag]?.title}>
          <Icon of={flag} />
          {FLAGS[flag]?.short ?? wordsOf(flag)}
        </li>
      ))}
      {row.recordFlags.map(({ code, text }) => (
        <li key={text} className={styles.lasting} title={`Flag of the record: ${text}`}>
          <Icon of={code ?? ''} />
          <span className="hidden">In the record: </span>
          {text}
        </li>
      ))}
    </ul>
  );
}

function Icon({ of: flag }: { of: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path fillRule="evenodd" d={ICONS[flag] ?? 'M3 3h10v10H3z'} />
    </svg>
  );
}

const TRENDS: Record<string, { sign: string; words: string }> = {
  up: { sign: '▲', words: 'worse' },
  down: { sign: '▼', words: 'better' },
  same: { sign: '▬', words: 'unchanged' },
};

interface ScoreProps {
  score: Score;
  row?: Attendance;
}

/**
 * A total with its level and where it came from. An incomplete one says what is missing, and which
 * complete one was before it: a single pulse must not make anybody look better than they were.
 */
export function ScoreText({ score, row }: ScoreProps) {
  const complete = score.total !== undefined ? score : row?.lastComplete;
  const trend = complete && TRENDS[row?.trend ?? ''];
  return (
    <span className={styles.score}>
      <span className={styles.line}>
        <span className="soft small">{wordsOf(score.scheme)} </span>
        {score.total === undefined ? (
          <>
            <b>incomplete</b>, at least {score.atLeast}
          </>
        ) : (
          <>
            <b className={styles.total}>{score.total}</b> {score.label}
          </>
        )}
      </span>
      {score.total === undefined && score.missing.length > 0 && (
        <span className={styles.under}>no {score.missing.map(within).join(', ')}</span>
      )}
      {row?.scoreNotRecomputed && <Earlier at={score.at} />}
      {complete && complete !== score && <LastComplete score={complete} />}
      {trend && (
        <span className={styles.under}>
          <span aria-hidden="true">{trend.sign} </span>
          {trend.words}
          {row?.previousTotal !== undefined && `, was ${row.previousTotal}`}
        </span>
      )}
      {score.contradicts && <span className={styles.doubt}>! does not follow from its values</span>}
    </span>
  );
}

/** The score of somebody with what there is to say of it, or why none is shown. */
export function ScoreCell({ row }: { row: Attendance }) {
  if (row.score) return <ScoreText score={row.score} row={row} />;
  return <span className="soft">{noScore(row)}</span>;
}

/** That there is no score is said only of who has none. */
function noScore(row: Attendance): string {
  if (row.closed || row.acuityUnknown) return 'not shown to you';
  return row.scoreNotRecomputed || row.ahead > 0 ? 'none that can be shown' : 'no score yet';
}

/** When a score was that a newer one stands before, which cannot be shown. */
function Earlier({ at }: { at: number | undefined }) {
  const when = useTime((now) => (at === undefined ? '' : `, at ${clockTime(at, now)}`));
  return <span className={styles.under}>an earlier score{when}</span>;
}

/** What was left out, and why. */
function ahead(count: number): string {
  return count === 1
    ? '1 value with a date in the future was left out'
    : `${count} values with a date in the future were left out`;
}

/** The complete score before an incomplete one, and when it was. */
function LastComplete({ score }: { score: Score }) {
  const when = useTime((now) => (score.at === undefined ? '' : clockTime(score.at, now)));
  return (
    <span className={styles.line}>
      <span className="small">last complete </span>
      <b className={styles.total}>{score.total}</b> {score.label}
      {when && <span className={styles.under}> at {when}</span>}
    </span>
  );
}

/** What in the record cannot all be true or cannot be shown, where it is read who it is about. */
export function Doubts({ row }: { row: Attendance }) {
  const { contradicts, scoreNotRecomputed } = row;
  return (
    <>
      {contradicts && (
        <span className={styles.doubt}>! The record contradicts itself: {contradicts}</span>
      )}
      {scoreNotRecomputed && (
        <span className={styles.doubt}>! The newest score is not shown: {scoreNotRecomputed}</span>
      )}
      {row.ahead > 0 && <span className={styles.doubt}>! {ahead(row.ahead)}</span>}
    </>
  );
}

/** `63y F`. */
export function agesex(row: Pick<Attendance, 'birthDate' | 'gender'>): string {
  return [age(row.birthDate), sexLetter(row.gender)].filter(Boolean).join(' ');
}

/** How long since, kept up to date. */
export function Since({ at }: { at: number | undefined }) {
  return useTime((now) => (at === undefined ? 'not known' : lasting(now - at)));
}

/** How long until, kept up to date; too late is said, and set off. */
export function Until({ at }: { at: number }) {
  const words = useTime((now) => until(at, now));
  const over = useTime((now) => now >= at);
  return <span className={over ? styles.over : 'number'}>{words}</span>;
}
