import { useEffect, useRef } from 'react';
import { type Claim, claimOf, claims } from '../access/claims.ts';
import { ticking, useTime } from '../emergency/ticking.ts';
import { useStore } from '../shell/store.ts';
import { useReload } from './first.ts';

/** Whether access that held until then has ended, by the clock that says so: the server's. */
export const hasEnded = (until: Claim['until'], now: number) =>
  until !== undefined && Date.parse(until) <= now;

/** What was opened by access that has ended is not to stay on the screen. */
export function useClaimEnd(id: string): void {
  const reload = useReload(id);
  const all = useStore(claims);
  const held = useTime((now) => claimOf(all, id, now)?.until);
  const before = useRef(held);
  useEffect(() => {
    // A machine whose clock is behind would keep on the screen what the server closed long ago.
    if (before.current !== held && hasEnded(before.current, ticking.now())) reload();
    before.current = held;
  }, [held, reload]);
}
