import { moment } from '../../fhir/dates.ts';
import { useWho } from '../../session/who.ts';
import { ticking, useTime } from '../ticking.ts';
import styles from './Board.module.css';
import { type Board, tablesLine } from './board.ts';
import { areasOf, type Filter, filterLine } from './order.ts';

interface Props {
  board: Board | undefined;
  shown: number;
  filter: Filter;
}

/** What stands over the paper: of when it is, for whom it is, and that it grows old. */
export function PrintHead({ board, shown, filter }: Props) {
  const who = useWho();
  const now = useTime(() => moment(new Date(ticking.now()).toISOString()));
  const asked = board ? filterLine(filter, areasOf(board.rows)) : '';
  return (
    <div className={styles.paper}>
      <b>Emergency board{who?.organization && `, ${who.organization.name}`}</b>
      <span>
        {board && shown < board.rows.length && (
          <b>
            Only {shown} of {board.rows.length} people are on this sheet: others were filtered out
            {asked && ` (shown: ${asked})`}.{' '}
          </b>
        )}
        Printed {now}
        {board && `, as of ${moment(new Date(board.at).toISOString())}`}; {shown} people.
        Confidential: destroy when the next one is printed.
      </span>
      {board && <span>{tablesLine(board.tables)}</span>}
    </div>
  );
}
