import { whenForgotten } from '../session/session.ts';
import { Store } from '../shell/store.ts';

/** Access that was taken in this session. The server ends it; this only tells of it. */
export interface Claim {
  patient: string;
  kind: 'claim' | 'break-glass';
  until: string | undefined;
}

export const claims = new Store<Claim[]>([]);

whenForgotten(() => claims.set([]));

/** Remembers what was taken, the stronger kind before the weaker. */
export function noteClaim(claim: Claim): void {
  const others = claims.get().filter((c) => c.patient !== claim.patient || c.kind !== claim.kind);
  claims.set([claim, ...others]);
}

/** What holds now for a patient: an emergency first. */
export function claimOf(all: Claim[], patient: string, now = Date.now()): Claim | undefined {
  const held = all.filter(
    (c) => c.patient === patient && (!c.until || new Date(c.until).getTime() > now),
  );
  return held.find((c) => c.kind === 'break-glass') ?? held[0];
}
