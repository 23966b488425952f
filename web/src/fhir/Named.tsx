import type { Reference } from 'fhir/r4';
import { useName } from './directory.ts';

/** Who or what a reference is to. */
export function Named({ reference }: { reference: Reference | undefined }) {
  const name = useName(reference);
  return name ? <bdi>{name}</bdi> : null;
}
