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

/** Drops a draft that is no longer wanted. Once one is sent: unless more was typed since. */
export function dropDraft(encounter: string, sent?: Draft): void {
  if (sent && drafts.get(encounter)?.get() !== sent) return;
  drafts.delete(encounter);
}

/** Whether something was typed about somebody, and not sent. */
export function hasDraft(encounter: string): boolean {
  const draft = drafts.get(encounter);
  return draft !== undefined && isBegun(draft.get());
}
