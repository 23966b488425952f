/** How long somebody waits, and how long until something is due, in words. Times are in ms. */

const MINUTE = 60_000;
/** Texts follow the clock by up to a second; a full hour is still an hour then. */
const SLACK = 1_500;

/** `0 min`, `47 min`, `1 h 05`, `26 h 40`: whole minutes that have passed. */
export function lasting(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE));
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}

/**
 * `in 12 min`, `in under 1 min`, `due now`, `5 min overdue`. What is left is rounded up and what is
 * over is rounded down, so that neither says more than is true; the first minute is `due now`.
 */
export function until(at: number, now: number): string {
  const left = at - now;
  if (left <= -MINUTE) return `${lasting(-left)} overdue`;
  if (left <= 0) return 'due now';
  if (left < MINUTE) return 'in under 1 min';
  return `in ${lasting(Math.ceil((left - SLACK) / MINUTE) * MINUTE)}`;
}

/** The same of who is expected: nobody is overdue who is only late. */
export function expectedIn(at: number, now: number): string {
  const words = until(at, now);
  return words === 'due now' ? 'expected now' : words.replace(/overdue$/, 'late');
}

/** A clock that runs for an attendance since arrival. */
export interface Target {
  id: string;
  at: number;
}

/** What people call a clock: `4 h`. */
export function targetName(id: string): string {
  return id.replace(/^(\d+)h$/, '$1 h');
}

/** The clock that ran out last, and the one that will next; hours alone, the due item has the rest. */
export function clocks(
  targets: readonly Target[],
  now: number,
): { past: Target | undefined; next: Target | undefined } {
  const sorted = targets.filter((t) => t.id !== 'assessment').toSorted((a, b) => a.at - b.at);
  return { past: sorted.findLast((t) => t.at <= now), next: sorted.find((t) => t.at > now) };
}

/** The same in a line: `past 1 h, 4 h reached in 52 min`. */
export function clocksLine(targets: readonly Target[], now: number): string {
  const { past, next } = clocks(targets, now);
  const over = past && `past ${targetName(past.id)}`;
  const coming = next && `${targetName(next.id)} reached ${until(next.at, now)}`;
  return [over, coming].filter(Boolean).join(', ');
}

/** `17:42`; with the day where it is not today's. */
export function clockTime(at: number, now: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const today = new Date(now).toDateString() === date.toDateString();
  return today ? hours : `${two(date.getDate())}/${two(date.getMonth() + 1)} ${hours}`;
}
