import type { Attendance } from '../board/board.ts';
import { Until } from '../parts.tsx';
import { targetName } from '../times.ts';
import { wordsOf } from '../words.ts';
import styles from './Attend.module.css';

/** What is due, and the clocks since arrival. */
export function DueCard({ row }: { row: Attendance }) {
  // The clock of the first assessment stops with it.
  const running = row.targets.filter((t) => t.id !== 'assessment' || row.acuity === undefined);
  return (
    <section className={styles.card} aria-labelledby="due">
      <h2 id="due">Due</h2>
      {row.due
        ? [row.due, ...row.dueToo].map((due) => (
            <p key={due.what} className={styles.due}>
              <b>{wordsOf(due.what)}</b> <Until at={due.at} />
              {due.who && <span>{wordsOf(due.who)}</span>}
            </p>
          ))
        : !row.closed && (
            <p className="soft">
              {row.acuityUnknown ? 'What is due is not shown to you.' : 'Nothing is due.'}
            </p>
          )}
      <ul className={styles.targets}>
        {running.map((target) => (
          <li key={target.id}>
            <span>
              {target.id === 'assessment'
                ? 'First assessment'
                : `${targetName(target.id)} since arrival`}
            </span>
            <Until at={target.at} />
          </li>
        ))}
      </ul>
      {row.bedRequested && <p>A bed is requested.</p>}
    </section>
  );
}
