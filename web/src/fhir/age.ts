/**
 * Ages as a patient banner shows them (ISB 1505, patient banner): minutes below two hours, hours
 * below two days, days below four weeks, weeks and days below a year, months and days below two
 * years, years and months below eighteen, then years.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Whole months between two days, and the days left over. */
function months(from: Date, to: Date): [number, number] {
  let whole = (to.getFullYear() - from.getFullYear()) * 12 + to.getMonth() - from.getMonth();
  if (to.getDate() < from.getDate()) whole -= 1;
  const month = new Date(from.getFullYear(), from.getMonth() + whole + 1, 0);
  // Who was born on the 31st is a month older on the last day of a shorter one.
  month.setDate(Math.min(from.getDate(), month.getDate()));
  const today = new Date(to.getFullYear(), to.getMonth(), to.getDate());
  return [whole, Math.max(0, Math.round((today.getTime() - month.getTime()) / DAY))];
}

/**
 * The age on a day, for a birth date of FHIR (a day, or an instant in the extension of births).
 * A date that is only a year or a month gives no age but a rough one: `about 65y`.
 */
export function age(born: string | undefined, at: Date = new Date()): string | undefined {
  const found = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(T.*)?$/.exec(born ?? '');
  if (!found || !born) return undefined;
  const [, year, month, date, time] = found;
  if (!date) {
    const rough = at.getFullYear() - Number(year);
    return rough < 0 ? undefined : `about ${rough}y`;
  }
  const from = time ? new Date(born) : new Date(Number(year), Number(month) - 1, Number(date));
  const past = at.getTime() - from.getTime();
  if (Number.isNaN(past) || past < 0) return undefined;
  if (time && past < 2 * HOUR) return `${Math.floor(past / MINUTE)}min`;
  if (time && past < 2 * DAY) return `${Math.floor(past / HOUR)}hrs`;
  const days = Math.floor(past / DAY);
  if (days < 28) return `${days}d`;
  const [whole, rest] = months(from, at);
  if (whole < 12) return `${Math.floor(days / 7)}w ${days % 7}d`;
  if (whole < 24) return `${whole}m ${rest}d`;
  if (whole < 18 * 12) return `${Math.floor(whole / 12)}y ${whole % 12}m`;
  return `${Math.floor(whole / 12)}y`;
}
