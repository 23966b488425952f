import { wordsOf } from '../words.ts';
import type { Attendance } from './board.ts';

/**
 * The order in which rows are shown. Nothing moves under a hand: while somebody points at the table
 * or works in it, rows stay where they are, those that came stand at the end, and those that left
 * stay until the hand is gone.
 */
export function settle(
  shown: readonly string[],
  wanted: readonly string[],
  held: boolean,
): readonly string[] {
  if (!held || shown.length === 0) return same(shown, wanted) ? shown : wanted;
  const known = new Set(shown);
  const come = wanted.filter((id) => !known.has(id));
  return come.length === 0 ? shown : [...shown, ...come];
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

/** What waits to be put in order: how many came, left, and would stand elsewhere. */
export function waiting(
  shown: readonly string[],
  wanted: readonly string[],
  shownBefore: ReadonlySet<string>,
): { come: number; gone: number; move: number } {
  const now = new Set(wanted);
  const stay = shown.filter((id) => now.has(id));
  const place = new Map(wanted.map((id, i) => [id, i]));
  const come = wanted.filter((id) => !shownBefore.has(id)).length;
  let move = 0;
  let highest = -1;
  for (const id of stay) {
    const at = place.get(id) ?? 0;
    if (at < highest) move += 1;
    highest = Math.max(highest, at);
  }
  return { come, gone: shown.length - stay.length, move };
}

/** What is shown of the board. */
export interface Filter {
  /** An area's id, `none` for those without one, or nothing for all. */
  area?: string | undefined;
  /** Who acts next. */
  who?: string | undefined;
  overdue?: boolean;
}

/** Whether a row is among those asked for. */
export function fits(row: Attendance, filter: Filter, now: number): boolean {
  if (filter.area && (row.area?.id ?? 'none') !== filter.area) return false;
  if (filter.who && row.due?.who !== filter.who) return false;
  return !filter.overdue || (row.due !== undefined && row.due.at <= now);
}

/** The areas of the rows, with how many are in each, by name; those without an area last. */
export function areasOf(
  rows: readonly Attendance[],
): { id: string; name: string; count: number }[] {
  const found = new Map<string, { id: string; name: string; count: number }>();
  for (const { area } of rows) {
    const id = area?.id ?? 'none';
    const known = found.get(id) ?? { id, name: area?.name ?? 'No area yet', count: 0 };
    known.count += 1;
    found.set(id, known);
  }
  return [...found.values()].sort(
    (a, b) => Number(a.id === 'none') - Number(b.id === 'none') || a.name.localeCompare(b.name),
  );
}

/** What is asked for, in words: `Majors, overdue, triage nurse acts`; nothing where all are. */
export function filterLine(filter: Filter, areas: readonly { id: string; name: string }[]): string {
  const area = filter.area && (areas.find(({ id }) => id === filter.area)?.name ?? filter.area);
  return [
    area,
    filter.overdue && 'overdue',
    filter.who && `${wordsOf(filter.who).toLowerCase()} acts`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Who acts next, of all rows, each once. */
export function actors(rows: readonly Attendance[]): string[] {
  return [...new Set(rows.flatMap((row) => row.due?.who ?? []))].sort();
}
