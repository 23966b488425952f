import type { Bundle, FhirResource } from 'fhir/r4';

/** The resources of a type in a page, without what came along. */
export function entries<T extends FhirResource>(
  bundle: FhirResource | undefined,
  type: T['resourceType'],
): T[] {
  const page = bundle?.resourceType === 'Bundle' ? bundle : undefined;
  const resources = page?.entry?.map((entry) => entry.resource) ?? [];
  return resources.filter((r): r is T => r?.resourceType === type);
}

/** Where the next page is. */
export function nextOf(bundle: Bundle | undefined): string | undefined {
  return bundle?.link?.find((link) => link.relation === 'next')?.url;
}
