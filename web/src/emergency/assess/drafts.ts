import { whenForgotten } from '../../session/session.ts';
import { Store } from '../../shell/store.ts';
import { whenUnsent } from '../../shell/unsent.ts';
import type { Attendance } from '../board/board.ts';
import { type Draft, empty, isBegun } from './draft.ts';

const drafts = new Map<string, Store<Draft>>();

whenForgotten(() => drafts.clear());
whenUnsent(() => [...drafts.values()].some((draft) => isBegun(draft.get())));

/** The draft about somebody: the one that was begun, else a new one. */
export function draftOf(row: Pick<Attendance, 'id' | 'version'>): Store<Draft> {
  const known = drafts.get(row.id) ?? new Store(empty(row));
  drafts.set(row.id, known);
  return known;
}

/** Drops a draft, once it is sent or no longer wanted. */
export function dropDraft(encounter: string): void {
  drafts.delete(encounter);
}

/** Whether something was typed about somebody, and not sent. */
export function hasDraft(encounter: string): boolean {
  const draft = drafts.get(encounter);
  return draft !== undefined && isBegun(draft.get());
}
