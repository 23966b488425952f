import type { Attendance } from '../board/board.ts';
import type { Draft } from './draft.ts';
import type { Preview } from './usePreview.ts';

/** What the server told last of how somebody is scored, as long as what it rests on is the same. */
export interface Known {
  /** The version of the attendance that the scale was told of. */
  version?: string | undefined;
  /** The scale of oxygen saturation that holds, where nothing else is chosen. */
  scale?: number | undefined;
  /** The birth date and the judged age that the scheme was told of. */
  age?: string | undefined;
  /** Whether the scheme is that of children. */
  child?: boolean | undefined;
}

type Row = Pick<Attendance, 'version' | 'birthDate'>;

/** Completed years below which the scheme of children is used. */
const ADULT_YEARS = 16;

const ageKey = (row: Row, draft: Draft) => `${row.birthDate ?? ''} ${draft.ageMonths.trim()}`;

/**
 * What is known once a preview came: the same object where that is nothing new. What was known
 * before holds while the next is on its way.
 */
export function learn(before: Known, row: Row, draft: Draft, preview: Preview): Known {
  const age = ageKey(row, draft);
  const { version } = row;
  let scale = version === before.version ? before.scale : undefined;
  let child = age === before.age ? before.child : undefined;
  const { result, behind } = preview;
  if (result && !behind) {
    // Of a scale that is switched to, the answer does not say which one held before.
    if (draft.scale === undefined) scale = result.scale ?? scale;
    const open = result.age?.basis === 'partial-birth-date';
    // Of an open age the scheme changes with the values: what a child is asked then stays.
    if (result.schemeTold) child = result.scheme.id === 'pews' || (open && child);
  }
  const same =
    version === before.version &&
    scale === before.scale &&
    age === before.age &&
    child === before.child;
  return same ? before : { version, scale, age, child };
}

/** Whether a child's form is shown: as the server scores, and by the age before it has said so. */
export function isChild(known: Known, row: Row, draft: Draft, now: Date): boolean {
  if (known.child !== undefined && known.age === ageKey(row, draft)) return known.child;
  const months = draft.ageMonths.trim();
  if (/^\d+$/.test(months)) return Number(months) < ADULT_YEARS * 12;
  if (!row.birthDate) return false;
  const grown = new Date(row.birthDate);
  grown.setFullYear(grown.getFullYear() + ADULT_YEARS);
  return grown.getTime() > now.getTime();
}

/** Whether the age is asked for: no birth date tells it, or the server says so. */
export function asksAge(row: Row, draft: Draft, preview: Preview, now: Date): boolean {
  const { birthDate } = row;
  if (draft.ageMonths !== '' || !birthDate || birthDate.length < 10) return true;
  if (new Date(birthDate).getTime() > now.getTime()) return true;
  if (preview.result?.age?.basis === 'partial-birth-date') return true;
  const issues = preview.fault?.outcome?.issue ?? [];
  return issues.some((i) => i.diagnostics?.includes('age-months'));
}
