import { queryOptions } from '@tanstack/react-query';
import type { Bundle, Location } from 'fhir/r4';
import { entries, type Fhir } from '../fhir/client.ts';

/** The places of an organisation; a directory that is refused is an empty one. */
export function placesOf(fhir: Fhir, organization: string | undefined) {
  return queryOptions({
    queryKey: ['emergency-places', organization],
    enabled: organization !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const path = `Location?organization=Organization/${organization}&_count=200`;
      const bundle = await fhir.get<Bundle>(path).catch(() => undefined);
      return entries<Location>(bundle, 'Location');
    },
  });
}
