import { useEffect, useRef, useState } from 'react';
import { useSession } from '../session/SessionContext.tsx';
import { type LiveState, listen } from './listen.ts';

/**
 * Calls `onChange` whenever something changes that one of the searches finds, and says how that
 * goes. A window that nobody sees listens to nothing: a browser has few connections to one server.
 */
export function useLive(criteria: readonly string[], onChange: () => void): LiveState {
  const session = useSession();
  const [live, setLive] = useState<LiveState>('starting');
  const seen = useSeen();
  const change = useRef(onChange);
  change.current = onChange;
  const asked = criteria.join('\n');
  useEffect(() => {
    if (!asked || !seen) return setLive('starting');
    const on = { onChange: () => change.current(), onState: setLive };
    return listen({ session, criteria: asked.split('\n'), ...on });
  }, [session, asked, seen]);
  return live;
}

/** Whether this window is in sight. */
function useSeen(): boolean {
  const [seen, setSeen] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setSeen(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return seen;
}
