import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { leaveWindow } from '../../session/session.ts';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { go, useTitle } from '../../shell/router.ts';
import { site } from '../../shell/site.ts';
import type { Attendance } from '../board/board.ts';
import { Freshness } from '../board/Freshness.tsx';
import { useBoard } from '../board/useBoard.ts';
import { Acuity, Since, Until } from '../parts.tsx';
import { ticking, useTime } from '../ticking.ts';
import { clockTime } from '../times.ts';
import { wordsOf } from '../words.ts';
import { useWallEnd } from './useWallEnd.ts';
import styles from './Wall.module.css';
import { expectedLine, paging, type WallRow, wallRows } from './wall.ts';

/** How long a page stands. */
const PAGE_MS = 12_000;
/** How long names stay. */
const NAMES_MS = 60_000;
const NOBODY: Attendance[] = [];

/** The board for a wall: large, without names, and turning its pages by itself. */
export function WallPage() {
  useTitle('Wall screen', site().name);
  const { board, live, fault, again } = useBoard();
  const [names, setNames] = useState(false);
  const [paused, setPaused] = useState(false);
  const [turn, setTurn] = useState(0);
  const area = useRef<HTMLDivElement>(null);
  const rows = wallRows(board?.rows ?? NOBODY, names, ticking.now());
  const order = rows[0]?.closed ? 'the longest here first' : 'the most urgent first';
  const [fit, pages] = useFit(area, rows.length);
  const page = turn % pages;
  const end = useWallEnd();
  const expected = board?.expected ?? NOBODY;
  const clock = useTime((now) => clockTime(now, now));
  const toggle = () => {
    if (end.isAlone()) void leaveWindow('Sign in to see names on the wall screen.');
    else setNames(!names);
  };
  useEffect(() => {
    if (!names) return;
    const timer = setTimeout(() => setNames(false), NAMES_MS);
    return () => clearTimeout(timer);
  }, [names]);
  useEffect(() => {
    if (paused || pages < 2) return;
    const timer = setInterval(() => setTurn((n) => n + 1), PAGE_MS);
    return () => clearInterval(timer);
  }, [paused, pages]);
  return (
    <main className={styles.wall}>
      <header className={styles.head}>
        <h1>Emergency department</h1>
        <span className={styles.clock}>{clock}</span>
        <Freshness board={board} live={live} fault={fault} again={again} />
        <div className={styles.controls}>
          {pages > 1 && (
            <>
              <span>
                Page {page + 1} of {pages}
              </span>
              <button type="button" onClick={() => setPaused(!paused)}>
                {paused ? 'Turn pages' : 'Stay on this page'}
              </button>
              <button type="button" onClick={() => setTurn((n) => n + 1)}>
                Next page
              </button>
            </>
          )}
          <button type="button" aria-pressed={names} onClick={toggle}>
            Show names
          </button>
          <button type="button" onClick={() => go('/emergency')}>
            Leave
          </button>
        </div>
      </header>
      <div ref={area} className={styles.area}>
        <ul
          className={names ? styles.named : undefined}
          aria-label={`People in the department, ${order}`}
        >
          {rows.slice(page * fit, page * fit + fit).map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </ul>
        {fault !== undefined && !board && <FaultNote fault={fault} retry={again} />}
        {board && rows.length === 0 && <p className={styles.none}>Nobody is in the department.</p>}
      </div>
      <footer className={styles.foot}>
        {board ? `${rows.length} people here. ` : 'Not loaded: who is here is not known. '}
        {expected.length > 0 && `Expected: ${expectedLine(expected, names, ticking.now())}. `}
        {names
          ? 'Names are shown for a minute: only where no visitor can see them.'
          : 'Shown without names.'}{' '}
        This screen signs out at {end.at}.
      </footer>
    </main>
  );
}

function Row({ row }: { row: WallRow }) {
  return (
    <li className={styles.row}>
      <span className={styles.acuity}>
        <Acuity level={row.acuity} closed={row.closed || row.acuityUnknown} />
      </span>
      <bdi className={styles.who}>{row.who}</bdi>
      <span className={styles.place}>{row.area ?? ''}</span>
      <span className={styles.wait}>{row.arrived !== undefined && <Since at={row.arrived} />}</span>
      <span className={styles.due}>
        {row.due && (
          <>
            <span className={styles.what}>{wordsOf(row.due.what)}</span>
            <span className={styles.until}>
              <Until at={row.due.at} />
            </span>
          </>
        )}
      </span>
    </li>
  );
}

/** How many rows fit the screen as it is now, and how many pages there are. */
function useFit(area: React.RefObject<HTMLElement | null>, count: number): [number, number] {
  const [fit, setFit] = useState<[number, number]>([8, 1]);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    const measure = () => {
      const row = element.querySelector('li')?.getBoundingClientRect().height ?? 64;
      const next = paging(count, element.clientHeight, row);
      setFit((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [area, count]);
  return fit;
}
