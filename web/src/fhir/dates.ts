/**
 * Dates as clinicians read them: `05-Mar-2026`, `05-Mar-2026 14:05` (DSCN 11/2010 and ISB 1501,
 * date and time display). Instants are stored with their zone and shown in the reader's.
 */

/** Months as they stand in dates. */
export const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const two = (n: number) => String(n).padStart(2, '0');

/** A date of FHIR in parts; what it does not say is absent. */
interface Parts {
  year: number;
  month?: number;
  day?: number;
  /** Only where there is a time: the instant. */
  instant?: Date;
}

function parse(text: string | undefined): Parts | undefined {
  const found = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(T.*)?$/.exec(text ?? '');
  if (!found) return undefined;
  const [, year, month, day, time] = found;
  const parts: Parts = { year: Number(year) };
  if (month) parts.month = Number(month);
  if (day) parts.day = Number(day);
  if (time && text) {
    const instant = new Date(text);
    if (Number.isNaN(instant.getTime())) return undefined;
    parts.instant = instant;
  }
  return parts;
}

function named(year: number, month?: number, day?: number): string {
  if (month === undefined) return String(year);
  const name = MONTHS[month - 1] ?? '?';
  return day === undefined ? `${name}-${year}` : `${two(day)}-${name}-${year}`;
}

/** The day, or as much of it as is known. Nothing for what is no date. */
export function day(text: string | undefined): string | undefined {
  const parts = parse(text);
  if (!parts) return undefined;
  const { instant } = parts;
  if (instant) return named(instant.getFullYear(), instant.getMonth() + 1, instant.getDate());
  return named(parts.year, parts.month, parts.day);
}

/** The time of day in the reader's zone, where there is one. */
export function time(text: string | undefined): string | undefined {
  const instant = parse(text)?.instant;
  return instant && `${two(instant.getHours())}:${two(instant.getMinutes())}`;
}

/** Day and, where there is one, time. */
export function moment(text: string | undefined): string | undefined {
  const [date, hour] = [day(text), time(text)];
  return date && hour ? `${date} ${hour}` : date;
}

/** A number to sort by: an incomplete date counts from its beginning. */
export function order(text: string | undefined): number {
  const parts = parse(text);
  if (!parts) return Number.NEGATIVE_INFINITY;
  return (
    parts.instant?.getTime() ??
    new Date(parts.year, (parts.month ?? 1) - 1, parts.day ?? 1).getTime()
  );
}

/** The last instant that a date may mean: an incomplete one goes to its end. */
export function latest(text: string | undefined): number {
  const parts = parse(text);
  if (!parts) return Number.NEGATIVE_INFINITY;
  const { year, month, day: date, instant } = parts;
  if (instant) return instant.getTime();
  if (month === undefined) return new Date(year + 1, 0, 1).getTime() - 1;
  return new Date(year, date ? month - 1 : month, date ? date + 1 : 1).getTime() - 1;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How long ago, in the words of a glance: `5 min ago`, `3 h ago`, `4 d ago`; older: the day. */
export function ago(text: string | undefined, now: Date = new Date()): string | undefined {
  const parts = parse(text);
  if (!parts?.instant) return day(text);
  const past = now.getTime() - parts.instant.getTime();
  if (past < 0) return moment(text);
  if (past < MINUTE) return 'just now';
  if (past < 60 * MINUTE) return `${Math.floor(past / MINUTE)} min ago`;
  if (past < DAY) return `${Math.floor(past / (60 * MINUTE))} h ago`;
  if (past < 14 * DAY) return `${Math.floor(past / DAY)} d ago`;
  return day(text);
}

/** From when to when, `05-Mar-2026 14:05 – 16:20`. */
export function span(start: string | undefined, end: string | undefined): string | undefined {
  const from = moment(start);
  if (!end) return from;
  if (!from) return `until ${moment(end)}`;
  const to = day(start) === day(end) ? time(end) : moment(end);
  return to ? `${from} – ${to}` : from;
}

/**
 * What somebody typed as a day: `17/04/1961`, `17-Apr-1961`, `17 4 1961`, `1961-04-17`; the day
 * comes first, as on a birth certificate. Nothing for anything else, or a day that does not exist.
 */
export function typedDay(text: string): string | undefined {
  const clean = text.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(clean);
  const own = /^(\d{1,2})[\s./-](\d{1,2}|[a-z]{3,9})[\s./-](\d{4})$/i.exec(clean);
  const [year, month, date] = iso ? [iso[1], iso[2], iso[3]] : [own?.[3], own?.[2], own?.[1]];
  if (!year || !month || !date) return undefined;
  const byName = MONTHS.findIndex((m) => month.slice(0, 3).toLowerCase() === m.toLowerCase());
  const number = /^\d+$/.test(month) ? Number(month) : byName + 1;
  const made = new Date(Date.UTC(Number(year), number - 1, Number(date)));
  const same = made.getUTCMonth() === number - 1 && made.getUTCDate() === Number(date);
  return same ? `${year}-${two(number)}-${two(Number(date))}` : undefined;
}
