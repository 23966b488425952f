import { useRef } from 'react';
import { FaultNote } from '../shell/FaultNote.tsx';
import { Lines } from '../shell/Lines.tsx';
import { NotHere } from '../shell/NotHere.tsx';
import { follow } from '../shell/router.ts';
import { ArrivePage } from './arrive/ArrivePage.tsx';
import { AssessPage } from './assess/AssessPage.tsx';
import { AttendancePage } from './attend/AttendancePage.tsx';
import { BoardPage } from './board/BoardPage.tsx';
import type { Attendance } from './board/board.ts';
import { Freshness } from './board/Freshness.tsx';
import { useBoard } from './board/useBoard.ts';
import { encounterOf } from './keys.ts';
import { WallPage } from './wall/WallPage.tsx';

/** The pages of the emergency department: `/emergency/…`. */
export default function EmergencyPage({ route }: { route: string[] }) {
  const [, page, key, part] = route;
  if (page === undefined) return <BoardPage />;
  if (page === 'arrive') return <ArrivePage />;
  if (page === 'wall') return <WallPage />;
  const encounter = page === 'a' && key ? encounterOf(key) : undefined;
  if (!encounter) return <NotHere />;
  return <One key={encounter} encounter={encounter} assess={part === 'assess'} />;
}

function One({ encounter, assess }: { encounter: string; assess: boolean }) {
  const { board, live, fault, again } = useBoard();
  const known = useRef<Attendance>(undefined);
  const row = board?.rows.find((one) => one.id === encounter);
  known.current = row ?? known.current;
  const last = known.current;
  // What somebody is typing does not vanish because somebody else ends the attendance.
  const fresh = <Freshness board={board} live={live} fault={fault} again={again} />;
  const page =
    assess && last ? <AssessPage row={last} ended={!row} /> : row && <AttendancePage row={row} />;
  // Nothing is due, and nobody has changed this, only as far as the board is known.
  if (page) {
    return (
      <>
        {fresh}
        {page}
      </>
    );
  }
  if (!board && fault !== undefined) return <FaultNote fault={fault} retry={again} />;
  if (!board) return <Lines count={8} />;
  return (
    <section>
      <h1>No longer on the board</h1>
      <p>This attendance has ended, or is not for you. What was recorded stands in the chart.</p>
      <p>
        <a href="/emergency" onClick={follow('/emergency')}>
          Back to the board
        </a>
      </p>
    </section>
  );
}
