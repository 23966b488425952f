import { whenForgotten } from '../session/session.ts';

/** What was just done for somebody, to be said on the page that follows. */
const done = new Map<string, string>();

whenForgotten(() => done.clear());

/** Notes it. */
export function noteOutcome(encounter: string, words: string): void {
  done.set(encounter, words);
}

/** What was done last for somebody. */
export function outcomeOf(encounter: string): string | undefined {
  return done.get(encounter);
}

/** Once it was read. */
export function forgetOutcome(encounter: string): void {
  done.delete(encounter);
}
