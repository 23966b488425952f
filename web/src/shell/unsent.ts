import { signOut } from '../session/session.ts';

/** Whether a part of the pages holds something that was typed and not sent. */
type Holds = () => boolean;

const parts = new Set<Holds>();

/** Says what would be lost with the window, or with the session. */
export function whenUnsent(holds: Holds): void {
  parts.add(holds);
}

const anyUnsent = () => [...parts].some((holds) => holds());

// What was typed is kept while one goes elsewhere in the pages: the warning goes with it.
addEventListener('beforeunload', (event) => {
  if (anyUnsent()) event.preventDefault();
});

const LOST = 'An assessment that you typed is not stored yet. It is lost when you sign out.';

/** Signs out, unless somebody would rather send first what they typed. */
export function askToSignOut(): void {
  if (!anyUnsent() || confirm(LOST)) void signOut();
}
