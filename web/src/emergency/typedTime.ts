/** Times of the clock as people type them, and the instants that they mean. */

const MINUTE = 60_000;
/** Clocks differ by so much: what is that little ahead is now. */
const AHEAD_MS = 2 * MINUTE;
/** An announcement is late for so long; a time further back is one of tomorrow. */
const LATE_MS = 60 * MINUTE;

/** `14:05`, `9.30`, `0930` on the day that is so many days from that of `now`. */
function on(text: string, now: Date, days: number): Date | undefined {
  const found = /^(\d{1,2})[:.]?(\d\d)$/.exec(text.trim());
  const [hours, minutes] = [Number(found?.[1]), Number(found?.[2])];
  if (!found || hours > 23 || minutes > 59) return undefined;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hours, minutes);
}

/** The last such time: of today, or yesterday's where that is to come. Two minutes ahead is now. */
export function timeOf(text: string, now: Date): Date | undefined {
  const soon = now.getTime() + AHEAD_MS;
  const last = [1, 0, -1]
    .flatMap((days) => on(text, now, days) ?? [])
    .find((at) => at.getTime() <= soon);
  return last && new Date(Math.min(last.getTime(), now.getTime()));
}

/**
 * The time at which somebody is expected. One of the last hour is over, and they still come: a
 * minute from now, as what is expected lies ahead. Any other is the next such time.
 */
export function nextTimeOf(text: string, now: Date): Date | undefined {
  const last = timeOf(text, now);
  if (!last) return undefined;
  if (now.getTime() - last.getTime() <= LATE_MS) return new Date(now.getTime() + MINUTE);
  const next = new Date(last);
  next.setDate(next.getDate() + 1);
  return next;
}

/**
 * When an assessment was, by a time that was typed; nothing where it was just now. In the minute of
 * the arrival it is the arrival: nobody is assessed before they came.
 */
export function momentOf(text: string, now: Date, arrived: number | undefined): Date | undefined {
  const at = timeOf(text, now)?.getTime();
  if (at === undefined || now.getTime() - at < MINUTE) return undefined;
  const isArrival = arrived !== undefined && at < arrived && arrived - at < MINUTE;
  return new Date(isArrival ? arrived : at);
}

/** `today 14:05`, `yesterday 23:50`, `tomorrow 13:50`. */
export function dayAndTime(at: Date, now: Date): string {
  const midnight = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  const days = Math.round((midnight(at) - midnight(now)) / (24 * 60 * MINUTE));
  const day = { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[days] ?? at.toDateString();
  const two = (n: number) => String(n).padStart(2, '0');
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
