import type { Attendance } from '../board/board.ts';
import { clockTime } from '../times.ts';

/** What a wall may show: nothing by which a visitor could know somebody they do not know already. */
export interface WallRow {
  id: string;
  /** Initials, and the time of arrival where two people share them. */
  who: string;
  acuity: number | undefined;
  closed: boolean;
  /** Assessed, and not to be seen how urgent. */
  acuityUnknown: boolean;
  arrived: number | undefined;
  area: string | undefined;
  due: Attendance['due'];
  phase: string | undefined;
}

/** First letters of the words of a name: `A. E.` */
export function initials(name: string | undefined): string {
  const letters = (name ?? '')
    .replace(/\(.*?\)/g, ' ')
    .split(/[\s,]+/)
    .filter((word) => word && !/^(mr|mrs|ms|miss|mx|dr|prof)\.?$/i.test(word))
    .flatMap((word) => [...word].slice(0, 1));
  const first = letters[0];
  if (!first) return '– –';
  const last = letters.length > 1 ? letters.at(-1) : undefined;
  return [first, last]
    .flatMap((letter) => (letter ? `${letter.toLocaleUpperCase()}.` : []))
    .join(' ');
}

/** Reduces rows to what a wall may show. Names leave nothing behind but their first letters. */
export function wallRows(rows: readonly Attendance[], names: boolean, now: number): WallRow[] {
  // Who has a ticket is called by it, and tells the room less than initials do.
  const short = rows.map((row) => row.ticket ?? initials(row.name));
  const times = new Map<string, number>();
  for (const who of short) times.set(who, (times.get(who) ?? 0) + 1);
  return rows.map((row, i) => {
    const own = short[i] ?? '';
    const shared = (times.get(own) ?? 0) > 1 && row.arrived !== undefined;
    const anonymous = shared ? `${own} ${clockTime(row.arrived ?? now, now)}` : own;
    return {
      id: row.id,
      who: names ? (row.name ?? own) : anonymous,
      acuity: row.acuity,
      closed: row.closed,
      acuityUnknown: row.acuityUnknown,
      arrived: row.arrived,
      area: row.area?.name,
      due: row.due,
      phase: row.phase,
    };
  });
}

/** Who is announced: `A. E. 14:05, B. F. 14:20`; as little of them as of those who are here. */
export function expectedLine(rows: readonly Attendance[], names: boolean, now: number): string {
  return rows
    .map((row) => {
      const who = names ? (row.name ?? initials(row.name)) : initials(row.name);
      return row.eta === undefined ? who : `${who} ${clockTime(row.eta, now)}`;
    })
    .join(', ');
}

/** How many rows fit, and how many pages that makes; never none. */
export function paging(count: number, height: number, rowHeight: number): [number, number] {
  const fit = Math.max(1, Math.floor(height / rowHeight));
  return [fit, Math.max(1, Math.ceil(count / fit))];
}
