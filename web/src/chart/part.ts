import type { Bundle, FhirResource } from 'fhir/r4';
import type { Answer } from '../fhir/answer.ts';
import { entries, nextOf } from '../fhir/bundle.ts';
import { FhirError } from '../fhir/outcome.ts';

/** A bounded page of something. */
export interface Part<T> {
  items: T[];
  /** How many there are; absent where nobody counted. */
  total: number | undefined;
  /** There are more than these. */
  more: boolean;
  fault: FhirError | undefined;
  /** It could not be loaded again, and may have changed. */
  old?: boolean;
}

/** A page that was asked for. Whatever is no page is a fault: an empty list says "none". */
export function part<T extends FhirResource>(
  answer: Answer | undefined,
  type: T['resourceType'],
): Part<T> {
  const bundle = pageOf(answer);
  if (!bundle) return refused(answer?.fault ?? new FhirError(502));
  const items = entries<T>(bundle, type);
  const more = nextOf(bundle) !== undefined || (bundle.total ?? 0) > items.length;
  return { items, total: bundle.total, more, fault: undefined };
}

/** Nothing, for a reason. */
export function refused<T>(fault: FhirError): Part<T> {
  return { items: [], total: undefined, more: false, fault };
}

/** How many something counted; nothing where that could not be told. */
export function counted(answer: Answer | undefined): number | undefined {
  return pageOf(answer)?.total;
}

function pageOf(answer: Answer | undefined): Bundle | undefined {
  return answer?.resource?.resourceType === 'Bundle' ? answer.resource : undefined;
}
