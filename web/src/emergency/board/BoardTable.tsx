import type { KeyboardEvent, RefObject } from 'react';
import styles from './Board.module.css';
import { BoardRow } from './BoardRow.tsx';
import { ROLES } from './tableRoles.ts';
import { useMeant } from './useMeant.ts';
import type { Ordered } from './useOrder.ts';

const HEAD = ['Acuity', 'Patient and complaint', 'Waiting', 'Score', 'Next, and who acts', 'Area'];

/** The rows of the board. Arrow keys go from row to row; Tab does as well. */
export function BoardTable({
  ordered,
  body,
}: {
  ordered: Ordered;
  body: RefObject<HTMLTableSectionElement | null>;
}) {
  const meant = useMeant('tr');
  return (
    <table {...ROLES.table} className={styles.table}>
      <caption className="hidden">People in the department, the most urgent first</caption>
      <thead {...ROLES.group}>
        <tr {...ROLES.row}>
          {HEAD.map((title) => (
            <th key={title} {...ROLES.column} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody {...ROLES.group} ref={body} onKeyDown={step} {...meant}>
        {ordered.rows.map((row) => (
          <BoardRow key={row.id} row={row} gone={ordered.gone.has(row.id)} />
        ))}
      </tbody>
    </table>
  );
}

function step(event: KeyboardEvent<HTMLElement>) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (at < 0) return;
  event.preventDefault();
  links[at + by]?.focus();
}
