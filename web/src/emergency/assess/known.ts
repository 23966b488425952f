import { useRef } from 'react';
import type { Attendance } from '../board/board.ts';
import type { Draft } from './draft.ts';
import type { Preview } from './usePreview.ts';

/** What the server told last of how somebody is scored, as long as what it rests on is the same. */
export interface Known {
  /** The version of the attendance that it was told of. */
  version?: string | undefined;
  /** The scale of oxygen saturation that holds, where nothing else is chosen. */
  scale?: number | undefined;
}

type Row = Pick<Attendance, 'version'>;

/** What is known once a preview came; what was known before holds while the next is on its way. */
export function learn(before: Known, row: Row, draft: Draft, preview: Preview): Known {
  const known: Known = row.version === before.version ? { ...before } : { version: row.version };
  const { result, behind } = preview;
  if (!result || behind) return known;
  // Of a scale that is switched to, the answer does not say which one held before.
  if (draft.scale === undefined) known.scale = result.scale ?? known.scale;
  return known;
}

/** The same for as long as a form is open. */
export function useKnown(row: Row, draft: Draft, preview: Preview): Known {
  const known = useRef<Known>({});
  known.current = learn(known.current, row, draft, preview);
  return known.current;
}
