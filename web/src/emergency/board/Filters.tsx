import { wordsOf } from '../words.ts';
import styles from './Board.module.css';
import type { Attendance } from './board.ts';
import { actors, areasOf, type Filter } from './order.ts';

interface Props {
  rows: Attendance[];
  /** How many are overdue. */
  over: number;
  filter: Filter;
  onChange: (filter: Filter) => void;
}

/**
 * Which part of the board is shown: an area, those who wait for me, those who wait too long. To whom
 * nothing clinical is shown, areas alone.
 */
export function Filters({ rows, over, filter, onChange }: Props) {
  const areas = areasOf(rows);
  const whos = actors(rows);
  return (
    <fieldset className={styles.group}>
      <legend className="hidden">Show</legend>
      {[{ id: undefined, name: 'All', count: rows.length }, ...areas].map((area) => (
        <button
          key={area.id ?? ''}
          type="button"
          className={styles.tab}
          aria-pressed={filter.area === area.id}
          onClick={() => onChange({ ...filter, area: area.id })}
        >
          {area.name} <b className="number">{area.count}</b>
        </button>
      ))}
      {!rows.some((row) => row.closed) && (
        <>
          <button
            type="button"
            className={`${styles.tab} ${styles.apart}`}
            aria-pressed={filter.overdue ?? false}
            onClick={() => onChange({ ...filter, overdue: !filter.overdue })}
          >
            Overdue <b className="number">{over}</b>
          </button>
          <label className={styles.mine}>
            Who acts
            <select
              value={filter.who ?? ''}
              onChange={(event) => onChange({ ...filter, who: event.target.value || undefined })}
            >
              <option value="">anyone</option>
              {[...new Set([...whos, ...(filter.who ? [filter.who] : [])])].map((who) => (
                <option key={who} value={who}>
                  {wordsOf(who)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
    </fieldset>
  );
}
