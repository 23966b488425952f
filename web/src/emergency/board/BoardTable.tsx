import { type KeyboardEvent, type MouseEvent, type RefObject, useRef } from 'react';
import styles from './Board.module.css';
import { BoardRow } from './BoardRow.tsx';
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
  const pressed = useRef<Element>(null);
  // A row that has moved away under a finger is not opened in the place of the one that was meant.
  const meant = (event: MouseEvent) => {
    if (event.detail === 0 || rowAt(event) === pressed.current) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <table className={styles.table}>
      <caption className="hidden">People in the department, the most urgent first</caption>
      <thead>
        <tr>
          {HEAD.map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody
        ref={body}
        onKeyDown={step}
        onPointerDownCapture={(event) => {
          pressed.current = rowAt(event);
        }}
        onClickCapture={meant}
      >
        {ordered.rows.map((row) => (
          <BoardRow key={row.id} row={row} gone={ordered.gone.has(row.id)} />
        ))}
      </tbody>
    </table>
  );
}

const rowAt = ({ target }: { target: EventTarget }) =>
  target instanceof Element ? target.closest('tr') : null;

function step(event: KeyboardEvent<HTMLElement>) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (at < 0) return;
  event.preventDefault();
  links[at + by]?.focus();
}
