import { memo, useEffect, useRef } from 'react';
import { day } from '../../fhir/dates.ts';
import { go } from '../../shell/router.ts';
import { attendanceAddress } from '../keys.ts';
import { Acuity, agesex, Doubts, Flags, ScoreCell, Since, Until } from '../parts.tsx';
import { ticking, useTime } from '../ticking.ts';
import { clocksLine, clockTime } from '../times.ts';
import { wordsOf } from '../words.ts';
import styles from './Board.module.css';
import type { Attendance } from './board.ts';
import { ROLES } from './tableRoles.ts';

interface Props {
  row: Attendance;
  /** No longer on the board; it stays until nobody points at the table. */
  gone: boolean;
}

/** Somebody in the department. Drawn again only if something is told of them. */
export const BoardRow = memo(function BoardRow({ row, gone }: Props) {
  const address = attendanceAddress(row.id);
  const glowing = useGlow(row);
  return (
    <tr
      {...ROLES.row}
      ref={glowing}
      className={gone ? styles.gone : undefined}
      onClick={(event) => {
        const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
        const chosen = getSelection()?.type === 'Range';
        if (plain && !chosen && !event.defaultPrevented) {
          event.preventDefault();
          go(address);
        }
      }}
    >
      <td {...ROLES.cell} className={styles.acuity}>
        <Acuity level={row.acuity} closed={row.closed || row.acuityUnknown} />
      </td>
      <th {...ROLES.person} scope="row" className={styles.person}>
        <a href={address} className={styles.name}>
          <bdi>{row.name ?? 'Name not known'}</bdi>
        </a>{' '}
        <span className={styles.age}>{agesex(row)}</span>
        {row.birthDate && <span className={styles.born}> born {day(row.birthDate)}</span>}
        {(row.ticket || row.unconfirmed) && (
          <span className={styles.why}>
            {row.ticket && <span className={styles.bed}>Ticket {row.ticket}</span>}
            {row.unconfirmed && <span className={styles.bed}>! Identity not confirmed</span>}
          </span>
        )}
        <Doubts row={row} />
        <span className={styles.why}>
          <span>{row.complaint ?? 'No complaint recorded'}</span>
          <Flags of={row} />
        </span>
      </th>
      <td {...ROLES.cell} data-label="Waiting">
        <span className={styles.wait}>
          <Since at={row.arrived} />
        </span>
        <span className={styles.under}>
          {row.arrived !== undefined && (
            <span className="whole">since {clockTime(row.arrived, ticking.now())}</span>
          )}
          {row.mode && (
            <>
              , <span className="whole">{wordsOf(row.mode).toLowerCase()}</span>
            </>
          )}
        </span>
      </td>
      <td {...ROLES.cell} data-label="Score">
        <ScoreCell row={row} />
      </td>
      <td {...ROLES.cell} data-label="Next">
        <Next row={row} />
      </td>
      <td {...ROLES.cell} data-label="Area">
        <span className={styles.why}>
          {row.area?.name ?? <span className="soft">No area yet</span>}
          {row.bedRequested && <span className={styles.bed}>Bed requested</span>}
        </span>
        <span className={styles.under}>
          {gone ? 'left the board' : row.phase && wordsOf(row.phase)}
        </span>
      </td>
    </tr>
  );
});

/** What is due, whose it is, and the clocks of the department. */
function Next({ row }: { row: Attendance }) {
  const { due, dueToo, targets } = row;
  const line = useTime((now) => clocksLine(targets, now));
  return (
    <>
      {due && (
        <span className={styles.due}>
          <span>{wordsOf(due.what)}</span> <Until at={due.at} />
          {due.who && <span>{wordsOf(due.who)}</span>}
        </span>
      )}
      {dueToo.map((also) => (
        <span key={also.what} className={styles.under}>
          also {wordsOf(also.what).toLowerCase()} <Until at={also.at} />
        </span>
      ))}
      {!due && row.acuityUnknown && <span className="soft">not shown to you</span>}
      {line && (
        <span className={styles.under}>
          {line.split(', ').map((part, i) => (
            <span key={part}>
              {i > 0 && ', '}
              <span className="whole">{part}</span>
            </span>
          ))}
        </span>
      )}
    </>
  );
}

/** Lets a row glow once after it changed. Who wants no motion sees none. */
function useGlow(row: Attendance) {
  const element = useRef<HTMLTableRowElement>(null);
  const before = useRef(row);
  useEffect(() => {
    if (before.current === row) return;
    before.current = row;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    element.current?.animate(
      [{ backgroundColor: 'var(--accent-soft)' }, { backgroundColor: 'transparent' }],
      { duration: 2500, easing: 'ease-out' },
    );
  }, [row]);
  return element;
}
