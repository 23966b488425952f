import type {
  CodeableConcept,
  Observation,
  ObservationComponent,
  Quantity,
  Range,
  Ratio,
} from 'fhir/r4';
import { words } from './codes.ts';
import { moment, span } from './dates.ts';

/** A quantity with its comparator and unit. A zero at the end of a decimal is lost on reading it. */
export function quantity(q: Quantity | undefined): string | undefined {
  if (q?.value === undefined) return undefined;
  const unit = unitOf(q);
  const tight = unit === '%' || unit === '°C' || unit === '°F';
  return `${q.comparator ?? ''}${q.value}${unit ? `${tight ? '' : '\u00a0'}${unit}` : ''}`;
}

const UNITS: Record<string, string> = { Cel: '°C', '[degF]': '°F', 'mm[Hg]': 'mmHg' };

/** The unit as people write it. */
export function unitOf(q: Quantity): string {
  return UNITS[q.unit ?? ''] ?? UNITS[q.code ?? ''] ?? q.unit ?? q.code ?? '';
}

/** From where to where. */
export function range(r: Range): string | undefined {
  const [low, high] = [r.low, r.high];
  if (low && high && unitOf(low) === unitOf(high)) {
    return `${low.value}\u00a0–\u00a0${quantity(high)}`;
  }
  if (low && high) return `${quantity(low)} – ${quantity(high)}`;
  if (low) return `≥ ${quantity(low)}`;
  return high && `≤ ${quantity(high)}`;
}

/** Two quantities beside each other. */
export function ratio(r: Ratio | undefined): string | undefined {
  const [top, bottom] = [quantity(r?.numerator), quantity(r?.denominator)];
  return top && bottom ? `${top} : ${bottom}` : undefined;
}

/** Why there is no value (HL7, data-absent-reason), where the code comes without words. */
const ABSENT: Record<string, string> = {
  'not-performed': 'not measured',
  'asked-declined': 'declined',
  'asked-unknown': 'not known',
  'not-asked': 'not asked',
  'not-applicable': 'does not apply',
  'temp-unknown': 'not known yet',
  unknown: 'not known',
  masked: 'not shown',
};

function absence(reason: CodeableConcept | undefined): string | undefined {
  const code = reason?.coding?.find(({ code, display }) => code && !display)?.code;
  return (!reason?.text && code && ABSENT[code]) || words(reason);
}

/** What was measured, in words; nothing where it says nothing. */
export function valueText(o: Observation | ObservationComponent): string | undefined {
  const absent = absence(o.dataAbsentReason);
  if (o.valueQuantity) return quantity(o.valueQuantity) ?? absent;
  if (o.valueCodeableConcept) return words(o.valueCodeableConcept);
  if (o.valueRange) return range(o.valueRange);
  if (o.valueRatio) return ratio(o.valueRatio);
  if (o.valueBoolean !== undefined) return o.valueBoolean ? 'Yes' : 'No';
  if (o.valueInteger !== undefined) return String(o.valueInteger);
  if (o.valueDateTime) return moment(o.valueDateTime);
  if (o.valuePeriod) return span(o.valuePeriod.start, o.valuePeriod.end);
  if (o.valueSampledData) return 'Curve, not drawn here';
  return o.valueString ?? o.valueTime ?? absent;
}

/** The reference ranges as text, each with whom it is for where there are several. Beside a value of the same unit the unit is not repeated. */
export function referenceOf(
  o: Observation | ObservationComponent,
  beside?: Quantity,
): string | undefined {
  const same = (q: Quantity | undefined) => beside && q && unitOf(q) === unitOf(beside);
  const bare = (q: Quantity | undefined) => (q && same(q) ? { value: q.value } : q);
  const all = o.referenceRange ?? [];
  const told = all.map((each) => {
    const text = range({ low: bare(each.low), high: bare(each.high) } as Range) ?? each.text;
    const whom = [each.type, ...(each.appliesTo ?? [])].map(words).filter(Boolean).join(', ');
    return all.length > 1 && whom ? `${whom}: ${text}` : text;
  });
  return told.filter(Boolean).join('; ') || undefined;
}
