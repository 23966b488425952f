import { type RefObject, useRef, useState } from 'react';
import type { Attendance } from './board.ts';
import { settle, waiting } from './order.ts';
import { useHeld } from './useHeld.ts';

/** The rows as they are shown, and what waits to be put in order. */
export interface Ordered {
  rows: Attendance[];
  /** Ids of rows that are no longer asked for, and stay because somebody points at the table. */
  gone: ReadonlySet<string>;
  /** In words; nothing where all is in order. */
  pending: string | undefined;
  sortNow: () => void;
}

/** Keeps rows in their places while somebody points at the table. */
export function useOrder(
  element: RefObject<HTMLElement | null>,
  wanted: readonly Attendance[],
  filter: string,
): Ordered {
  const held = useHeld(element);
  const known = useRef(new Map<string, Attendance>());
  const [settled, setSettled] = useState<{ shown: readonly string[]; base: readonly string[] }>({
    shown: [],
    base: [],
  });
  const [forFilter, setForFilter] = useState(filter);
  const ids = wanted.map((row) => row.id);
  // Asking for something else is asking for its order as well.
  const hold = held && forFilter === filter;
  const shown = settle(settled.shown, ids, hold);
  if (shown !== settled.shown || forFilter !== filter) {
    setSettled({ shown, base: hold ? settled.base : shown });
    setForFilter(filter);
  }
  for (const row of wanted) known.current.set(row.id, row);
  const present = new Set(ids);
  const rows = shown.flatMap((id) => known.current.get(id) ?? []);
  const gone = new Set(shown.filter((id) => !present.has(id)));
  const { come, gone: left, move } = waiting(shown, ids, new Set(settled.base));
  return {
    rows,
    gone,
    pending: hold ? inWords(come, left, move) : undefined,
    sortNow: () => setSettled({ shown: ids, base: ids }),
  };
}

function inWords(come: number, gone: number, move: number): string | undefined {
  const parts = [
    come > 0 && `${come} new at the end`,
    move > 0 && `${move} to move`,
    gone > 0 && `${gone} left`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : undefined;
}
