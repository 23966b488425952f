import { useName } from '../../fhir/directory.ts';
import { named, type Taken } from './medicine.ts';

/** What a medicine is called, by its entry or by what the entry refers to. */
export function Medicine({ of }: { of: Taken }) {
  const own = named(of);
  const found = useName(own === undefined ? of.medicationReference : undefined);
  return own ?? found ?? 'Medicine not named';
}
