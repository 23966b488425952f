import type { Observation, Quantity } from 'fhir/r4';
import { brief, flagOf, isMarker } from '../../fhir/codes.ts';
import { unitOf, valueText } from '../../fhir/quantity.ts';
import { Stands } from '../parts/Stands.tsx';
import styles from './value.module.css';

/** Two pressures are read as one: `128/76 mmHg`, and `128/– mmHg` where one was not measured. */
function pressure(o: Observation): string | undefined {
  const by = (code: string) =>
    o.component?.find((c) => c.code.coding?.some((coding) => coding.code === code))?.valueQuantity;
  const [high, low] = [by('8480-6'), by('8462-4')];
  const told = high?.value === undefined ? low : high;
  if (told?.value === undefined) return undefined;
  const both = high?.value !== undefined && low?.value !== undefined;
  if (both && unitOf(high) !== unitOf(low)) return undefined;
  const of = (q: Quantity | undefined) =>
    q?.value === undefined ? '–' : `${q.comparator ?? ''}${q.value}`;
  return `${of(high)}/${of(low)}\u00a0${unitOf(told)}`;
}

/** What was found, with its unit, as one text. */
export function resultText(o: Observation): string {
  if (isMarker(o)) return 'Sealed';
  const own = valueText(o) ?? pressure(o);
  if (own) return own;
  const parts = o.component?.map((c) => `${brief(c.code) ?? ''} ${valueText(c) ?? '–'}`);
  return parts?.join(', ') || 'No value';
}

/** A value and how it stands to its range: a sign, letters and words, and a colour besides. */
export function Value({ of: o }: { of: Observation }) {
  return (
    <span className={styles.value}>
      <Stands of={o}>
        <span className="number">{resultText(o)}</span> <FlagSign of={o} />
      </Stands>
    </span>
  );
}

/** The sign alone. */
function FlagSign({ of: o }: { of: Observation }) {
  const flag = flagOf(o);
  if (!flag) return null;
  return (
    <span
      className={flag.critical ? `${styles.flag} ${styles.critical}` : styles.flag}
      title={flag.text}
    >
      <span aria-hidden="true">
        {flag.sign}
        {flag.letter}
      </span>
      <span className="hidden">, {flag.text}</span>
    </span>
  );
}
