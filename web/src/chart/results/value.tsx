import type { Observation } from 'fhir/r4';
import { brief, flagOf, isMarker } from '../../fhir/codes.ts';
import { unitOf, valueText } from '../../fhir/quantity.ts';
import { Stands } from '../parts/Stands.tsx';
import styles from './value.module.css';

/** Two pressures are read as one: `128/76 mmHg`. */
function pressure(o: Observation): string | undefined {
  const by = (code: string) =>
    o.component?.find((c) => c.code.coding?.some((coding) => coding.code === code))?.valueQuantity;
  const [high, low] = [by('8480-6'), by('8462-4')];
  if (high?.value === undefined || low?.value === undefined) return undefined;
  if (unitOf(high) !== unitOf(low)) return undefined;
  const [top, bottom] = [high, low].map((q) => `${q.comparator ?? ''}${q.value}`);
  return `${top}/${bottom}\u00a0${unitOf(high)}`;
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
