import { type Part, refer } from '../wire.ts';

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

/** The parameters of `$arrive`, or what is wrong with what was typed. */
export function arrival(
  typed: Arrival,
  patient: string,
  organization: string,
  now: Date,
): Part[] | string {
  if (typed.mode === 'pre-alert') return announced(typed, patient, organization, now);
  const complaint = typed.complaint.trim();
  if (!complaint) return 'Say in a few words what is wrong; the board shows it.';
  const arrived = typed.time.trim() ? timeOf(typed.time, now) : now;
  if (!arrived) return 'The time is written as 14:05.';
  const reason = typed.reason.trim();
  if (now.getTime() - arrived.getTime() > LATE_MS && !reason) {
    const yesterday = arrived.getDate() === now.getDate() ? '' : 'That was yesterday. ';
    return `${yesterday}More than 10 minutes ago: say why it is recorded only now.`;
  }
  const parts = common(typed, patient, organization);
  if (typed.time.trim()) parts.push({ name: 'arrived', valueDateTime: arrived.toISOString() });
  if (typed.time.trim() && reason) parts.push({ name: 'reason', valueString: reason });
  return parts;
}

/** Somebody whom an ambulance has announced, at the next time that reads as what was typed. */
function announced(
  typed: Arrival,
  patient: string,
  organization: string,
  now: Date,
): Part[] | string {
  if (!typed.complaint.trim()) return 'Say in a few words what is wrong; the board shows it.';
  const last = timeOf(typed.time, now);
  if (!last) return 'Say when they are expected, written as 14:05.';
  const expected = new Date(last);
  if (last.getTime() < now.getTime()) expected.setDate(expected.getDate() + 1);
  return [
    ...common(typed, patient, organization),
    { name: 'expected', valueInstant: expected.toISOString() },
  ];
}

function common(typed: Arrival, patient: string, organization: string): Part[] {
  const parts = [
    refer('patient', `Patient/${patient}`),
    refer('organization', `Organization/${organization}`),
    { name: 'mode', valueCode: typed.mode },
    { name: 'complaint', valueString: typed.complaint.trim() },
  ];
  if (typed.area) parts.push(refer('area', `Location/${typed.area}`));
  return parts;
}

/** `14:05`, `9.30`, `0930` as the last such time: of today, or yesterday's where that is to come. */
export function timeOf(text: string, now: Date): Date | undefined {
  const found = /^(\d{1,2})[:.]?(\d\d)$/.exec(text.trim());
  const [hours, minutes] = [Number(found?.[1]), Number(found?.[2])];
  if (!found || hours > 23 || minutes > 59) return undefined;
  const of = (day: number) => new Date(now.getFullYear(), now.getMonth(), day, hours, minutes);
  const today = of(now.getDate());
  return today.getTime() > now.getTime() ? of(now.getDate() - 1) : today;
}
