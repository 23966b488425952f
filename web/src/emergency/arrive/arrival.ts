import type { Part } from '../wire.ts';

/** What reception types. */
export interface Arrival {
  mode: string;
  complaint: string;
  /** Id of a place, or nothing. */
  area: string;
  /** A time of the clock, or nothing for now. */
  time: string;
  reason: string;
}

/** Older than this, an arrival needs a reason. */
const LATE_MS = 10 * 60_000;
/** Further ahead than this, a time is yesterday's: `23:55` soon after midnight. */
const AHEAD_MS = 12 * 3_600_000;

/** The parameters of `$arrive`, or what is wrong with what was typed. */
export function arrival(
  typed: Arrival,
  patient: string,
  organization: string,
  now: Date,
): Part[] | string {
  const complaint = typed.complaint.trim();
  if (!complaint) return 'Say in a few words what is wrong; the board shows it.';
  const arrived = typed.time.trim() ? timeOf(typed.time, now) : now;
  if (!arrived) return 'The time is written as 14:05.';
  if (arrived.getTime() > now.getTime()) return 'The arrival cannot be later than now.';
  const reason = typed.reason.trim();
  if (now.getTime() - arrived.getTime() > LATE_MS && !reason) {
    return 'More than 10 minutes ago: say why it is recorded only now.';
  }
  const refer = (name: string, reference: string): Part => ({
    name,
    valueReference: { reference },
  });
  const parts = [
    refer('patient', `Patient/${patient}`),
    refer('organization', `Organization/${organization}`),
    { name: 'mode', valueCode: typed.mode },
    { name: 'complaint', valueString: complaint },
  ];
  if (typed.area) parts.push(refer('area', `Location/${typed.area}`));
  if (typed.time.trim()) parts.push({ name: 'arrived', valueDateTime: arrived.toISOString() });
  if (typed.time.trim() && reason) parts.push({ name: 'reason', valueString: reason });
  return parts;
}

/** `14:05`, `9.30`, `0930` as an instant of today, or of yesterday where that is meant. */
export function timeOf(text: string, now: Date): Date | undefined {
  const found = /^(\d{1,2})[:.]?(\d\d)$/.exec(text.trim());
  const [hours, minutes] = [Number(found?.[1]), Number(found?.[2])];
  if (!found || hours > 23 || minutes > 59) return undefined;
  const of = (day: number) => new Date(now.getFullYear(), now.getMonth(), day, hours, minutes);
  const today = of(now.getDate());
  return today.getTime() - now.getTime() > AHEAD_MS ? of(now.getDate() - 1) : today;
}
