import type { LiveState } from '../../live/listen.ts';
import { useTime } from '../ticking.ts';
import { clockTime, lasting } from '../times.ts';
import styles from './Board.module.css';
import type { Board } from './board.ts';

interface Props {
  board: Board | undefined;
  live: LiveState;
  fault: unknown;
  again: () => void;
}

/** From when a board without changes is old, in ms. */
const OLD_MS = 90_000;

/** Whether the board is live, and how old it is where it is not. */
export function Freshness({ board, live, fault, again }: Props) {
  const at = board?.at;
  const old = useTime((now) => at !== undefined && now - at > OLD_MS);
  const age = useTime((now) => (at === undefined ? '' : lasting(now - at)));
  const when = useTime((now) => (at === undefined ? '' : clockTime(at, now)));
  const lost = at !== undefined && (live === 'lost' || old || fault !== undefined);
  return (
    <div className={lost ? styles.stale : styles.fresh}>
      {/* The age goes on by the minute, and is not called out each time. */}
      <span role="status">
        {lost ? (
          <>
            <strong>Not live.</strong> This was true at {when}
          </>
        ) : (
          at !== undefined && (live === 'live' ? '● Live' : '○ Checked every 5 s')
        )}
        {at === undefined && fault !== undefined && <strong>Not loaded.</strong>}
      </span>
      {lost && (
        <>
          , {age} ago.{' '}
          <button type="button" className="link" onClick={again}>
            Try now
          </button>
        </>
      )}
    </div>
  );
}
