import { type Query, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import { coalesced, type LiveState } from '../live/listen.ts';
import { useLive } from '../live/useLive.ts';

/** What the parts of a chart that are kept true are made of. */
const TYPES = [
  'AllergyIntolerance',
  'Condition',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Flag',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Procedure',
];

/** How often a chart is loaded again that is told of nothing. */
const POLL_MS = 60_000;
/** And one that is: that something is hidden or shown now is no change, and is not told. */
const LIVE_MS = 5 * 60_000;
/** A monitor may write by the second: the whole is not loaded as often. */
const REST_MS = 2_000;
/** Nobody waits longer for the stream to begin. */
const START_MS = 300;
const KEPT = { kept: true };

/** How the chart that is open is kept true. */
export const ChartLive = createContext<LiveState>('polling');

/**
 * Loads again what is kept of a chart whenever something in it changes. `starting` for a moment at
 * most: what is loaded after the stream began needs no second look.
 */
export function useChartLive(id: string): LiveState {
  const queries = useQueryClient();
  const reload = useMemo(() => {
    const kept = { queryKey: ['chart', id], predicate: (one: Query) => one.meta === KEPT };
    // An answer that was under way may be from before the change.
    return coalesced(() => queries.invalidateQueries(kept, { cancelRefetch: true }), REST_MS);
  }, [id, queries]);
  const criteria = [`Patient?_id=${id}`, ...TYPES.map((type) => `${type}?patient=${id}`)];
  const live = useLive(criteria, reload);
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    const timer = live === 'starting' ? setTimeout(() => setLate(true), START_MS) : undefined;
    return () => clearTimeout(timer);
  }, [live]);
  return live === 'starting' && late ? 'polling' : live;
}

/** What is asked of a query whose answer stays true while it is in sight. */
export function useKept() {
  const refetchInterval = useContext(ChartLive) === 'live' ? LIVE_MS : POLL_MS;
  return { refetchInterval, refetchOnWindowFocus: 'always', meta: KEPT } as const;
}
