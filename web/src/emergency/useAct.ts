import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FhirResource } from 'fhir/r4';
import { useFhir } from '../session/SessionContext.tsx';
import { boardKey, useOrganization } from './board/useBoard.ts';
import type { Part } from './wire.ts';

/** An operation and what goes with it. */
interface Act {
  path: string;
  parts: Part[];
}

/**
 * Something that is done to an attendance. The version that was looked at goes along: what is
 * decided is decided of that, and nobody has changed it meanwhile.
 */
export function actOn(
  encounter: string,
  operation: 'assess' | 'confirm-identity' | 'dispose',
  parts: Part[],
  seen: string | undefined,
): Act {
  const version: Part[] = seen ? [{ name: 'version', valueString: seen }] : [];
  return { path: `Encounter/${encounter}/$${operation}`, parts: [...parts, ...version] };
}

/** Does it. However it ends, the board is asked for how it is now. */
export function useAct() {
  const fhir = useFhir();
  const queries = useQueryClient();
  const organization = useOrganization();
  return useMutation({
    mutationFn: ({ path, parts }: Act): Promise<FhirResource> => fhir.operation(path, parts),
    onSettled: () => queries.invalidateQueries({ queryKey: boardKey(organization) }),
  });
}
