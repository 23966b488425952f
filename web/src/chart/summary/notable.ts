import { flagOf } from '../../fhir/codes.ts';
import type { Kind } from '../results/kinds.ts';

/** Kinds by what their newest value calls for: critical, out of range, the rest; each the newest first. */
export function notable(kinds: Kind[]): Kind[] {
  return kinds.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ items: [newest] }: Kind): number {
  const flag = newest && flagOf(newest);
  if (!flag) return 2;
  return flag.critical ? 0 : 1;
}
