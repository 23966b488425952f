import { useMemo, useRef, useState } from 'react';
import { FaultNote } from '../../shell/FaultNote.tsx';
import { Lines } from '../../shell/Lines.tsx';
import { follow, useTitle } from '../../shell/router.ts';
import { site } from '../../shell/site.ts';
import { ticking, useTime } from '../ticking.ts';
import styles from './Board.module.css';
import { BoardTable } from './BoardTable.tsx';
import { type Attendance, tablesLine } from './board.ts';
import { ExpectedList } from './ExpectedList.tsx';
import { Filters } from './Filters.tsx';
import { Forecasts } from './Forecasts.tsx';
import { Freshness } from './Freshness.tsx';
import { type Filter, fits } from './order.ts';
import { PrintHead } from './PrintHead.tsx';
import { useBoard } from './useBoard.ts';
import { useOrder } from './useOrder.ts';

const NOBODY: Attendance[] = [];

/** Who is in the department, in the order in which they are to be seen. */
export function BoardPage() {
  useTitle('Emergency board', site().name);
  const { board, fault, live, again, organization } = useBoard();
  const [filter, setFilter] = useState<Filter>({});
  const all = board?.rows ?? NOBODY;
  const over = useTime((now) => all.filter((row) => fits(row, { overdue: true }, now)).length);
  // Whoever becomes overdue changes their number, and is found with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number stands for the time
  const wanted = useMemo(
    () => all.filter((row) => fits(row, filter, ticking.now())),
    [all, filter, over],
  );
  const body = useRef<HTMLTableSectionElement>(null);
  const ordered = useOrder(body, wanted, JSON.stringify(filter));
  if (!organization) {
    return <p>The board belongs to an organisation. Sign in in its name to see it.</p>;
  }
  return (
    <section className={styles.page}>
      <header className={styles.head}>
        <h1>Emergency board</h1>
        <Freshness board={board} live={live} fault={fault} again={again} />
        <nav aria-label="Emergency department" className={styles.ways}>
          <a href="/emergency/arrive" onClick={follow('/emergency/arrive')}>
            New arrival
          </a>
          <a href="/emergency/wall" onClick={follow('/emergency/wall')}>
            Wall screen
          </a>
          <button type="button" className="link" onClick={() => print()}>
            Print for downtime
          </button>
        </nav>
      </header>
      {board && <p className={styles.tables}>{tablesLine(board.tables)}</p>}
      {board && <Forecasts organization={organization} />}
      <PrintHead board={board} shown={ordered.rows.length} filter={filter} />
      {board && board.expected.length > 0 && <ExpectedList rows={board.expected} />}
      {fault !== undefined && !board && <FaultNote fault={fault} retry={again} />}
      {!board && fault === undefined && <Lines count={10} />}
      {board && (
        <div className={styles.filters}>
          <Filters rows={all} over={over} filter={filter} onChange={setFilter} />
          <div role="status" className={styles.pending}>
            {ordered.pending && (
              <>
                Rows stay while you point at them: {ordered.pending}.{' '}
                <button type="button" className="link" onClick={ordered.sortNow}>
                  Put in order now
                </button>
              </>
            )}
          </div>
        </div>
      )}
      <div hidden={!board || ordered.rows.length === 0}>
        <BoardTable ordered={ordered} body={body} />
      </div>
      {board && ordered.rows.length === 0 && (
        <p className={styles.empty}>
          {all.length > 0
            ? 'Nobody fits what is chosen above.'
            : 'Nobody is in the department. Whoever arrives appears here by themselves.'}
        </p>
      )}
    </section>
  );
}
