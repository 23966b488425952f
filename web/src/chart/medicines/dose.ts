import type { Dosage, DosageDoseAndRate, Timing, TimingRepeat } from 'fhir/r4';
import { words } from '../../fhir/codes.ts';
import { day } from '../../fhir/dates.ts';
import { quantity, range, ratio } from '../../fhir/quantity.ts';

/** Said where nothing says when: an amount alone would be read as a single dose, or as daily. */
const UNTOLD = 'how often is not recorded';

/** How something is taken: steps one after the other, and what goes on at once beside it. */
export function doses(instructions: Dosage[]): string | undefined {
  // Without numbers nobody said that one comes after the other.
  const place = (d: Dosage) => d.sequence ?? 0;
  const steps = [...new Set(instructions.map(place))].sort((a, b) => a - b);
  const told = steps.map((step) => {
    const at = instructions.filter((d) => place(d) === step);
    return at.map(one).filter(Boolean).join('; and ');
  });
  return told.filter(Boolean).join('; then ') || undefined;
}

/** One instruction, as the prescriber wrote it, else of its parts. */
function one(d: Dosage): string | undefined {
  if (d.text) return d.text;
  const amount = amountOf(d.doseAndRate?.[0]);
  const when = [timing(d.timing), asNeeded(d)].filter(Boolean).join(', ');
  const site = words(d.site);
  const most = ratio(d.maxDosePerPeriod);
  if (!amount && !when && !d.route) return undefined;
  return [amount, words(d.route), site, when || UNTOLD, most && `at most ${most}`]
    .filter(Boolean)
    .join(', ');
}

function amountOf(of: DosageDoseAndRate | undefined): string | undefined {
  if (!of) return undefined;
  const much = quantity(of.doseQuantity) ?? (of.doseRange && range(of.doseRange));
  const fast =
    quantity(of.rateQuantity) ?? ratio(of.rateRatio) ?? (of.rateRange && range(of.rateRange));
  return [much, fast && `at ${fast}`].filter(Boolean).join(' ') || undefined;
}

function asNeeded(d: Dosage): string | undefined {
  if (d.asNeededCodeableConcept) return `when required for ${words(d.asNeededCodeableConcept)}`;
  return d.asNeededBoolean ? 'when required' : undefined;
}

function timing(of: Timing | undefined): string | undefined {
  const often = of?.repeat && repeated(of.repeat);
  const days = of?.event?.map((at) => day(at)).join(', ');
  return [words(of?.code), often, days].filter(Boolean).join(', ') || undefined;
}

const UNITS: Record<string, string> = {
  s: 'second',
  min: 'minute',
  h: 'hour',
  d: 'day',
  wk: 'week',
  mo: 'month',
  a: 'year',
};

/** Times of the day and of meals (v3-TimingEvent, event-timing) in words. */
const WHEN: Record<string, string> = {
  MORN: 'in the morning',
  NOON: 'at noon',
  AFT: 'in the afternoon',
  EVE: 'in the evening',
  NIGHT: 'at night',
  HS: 'at bedtime',
  WAKE: 'on waking',
  C: 'with meals',
  AC: 'before meals',
  PC: 'after meals',
};

function repeated(r: TimingRepeat): string | undefined {
  const told = [
    frequency(r),
    r.dayOfWeek?.join(', '),
    r.timeOfDay?.map((at) => at.slice(0, 5)).join(', '),
    r.when?.map((code) => WHEN[code] ?? code).join(', '),
    r.count && `${r.count} ${r.count === 1 ? 'time' : 'times'} in all`,
    r.duration && `over ${r.duration} ${unit(r.durationUnit, r.duration)}`,
    bounds(r),
  ];
  return told.filter(Boolean).join(', ') || undefined;
}

function frequency(r: TimingRepeat): string | undefined {
  if (r.period === undefined || !r.periodUnit) return undefined;
  const most = r.periodMax ? `–${r.periodMax}` : '';
  const every = `${r.period}${most} ${unit(r.periodUnit, r.periodMax ?? r.period)}`;
  const times = r.frequencyMax ? `${r.frequency ?? 1}–${r.frequencyMax}` : (r.frequency ?? 1);
  if (times === 1)
    return r.period === 1 && !most ? `once a ${unit(r.periodUnit, 1)}` : `every ${every}`;
  return r.period === 1 && !most
    ? `${times} times a ${unit(r.periodUnit, 1)}`
    : `${times} times in ${every}`;
}

function bounds(r: TimingRepeat): string | undefined {
  if (r.boundsDuration) {
    const { value = 0, code, unit: written } = r.boundsDuration;
    return `for ${value} ${UNITS[code ?? ''] ? unit(code, value) : (written ?? code)}`;
  }
  if (r.boundsRange) return `for ${range(r.boundsRange)}`;
  return r.boundsPeriod?.end && `until ${day(r.boundsPeriod.end)}`;
}

const unit = (code: string | undefined, count: number) =>
  `${UNITS[code ?? ''] ?? code ?? ''}${count === 1 ? '' : 's'}`;
