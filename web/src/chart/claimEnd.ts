import { useEffect, useRef } from 'react';
import { claimOf, claims } from '../access/claims.ts';
import { useTime } from '../emergency/ticking.ts';
import { useStore } from '../shell/store.ts';
import { useReload } from './first.ts';

/** What was opened by access that has ended is not to stay on the screen. */
export function useClaimEnd(id: string): void {
  const reload = useReload(id);
  const all = useStore(claims);
  const held = useTime((now) => claimOf(all, id, now)?.until);
  const before = useRef(held);
  useEffect(() => {
    const ended = before.current !== undefined && Date.parse(before.current) <= Date.now();
    if (ended && before.current !== held) reload();
    before.current = held;
  }, [held, reload]);
}
