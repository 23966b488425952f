import type { FhirError } from '../../fhir/outcome.ts';
import type { Part } from '../part.ts';

/** How many there are in both of two sources; nothing where that is not known of one. */
export function whole(...parts: Part<unknown>[]): number | undefined {
  const totals = parts.map(({ total, fault }) => (fault ? 0 : total));
  if (totals.some((total) => total === undefined)) return undefined;
  return totals.reduce<number>((sum, total) => sum + (total ?? 0), 0);
}

/** What is missing where only one of both sources of medicines is there. */
export function missing(prescribed: FhirError | undefined, reported: FhirError | undefined) {
  const fault = prescribed ?? reported;
  if (!fault || (prescribed && reported)) return undefined;
  const what = prescribed ? 'What is prescribed' : 'What they are said to take';
  return `${what} ${fault.status === 403 ? 'is not shown to you' : 'could not be loaded'}.`;
}
