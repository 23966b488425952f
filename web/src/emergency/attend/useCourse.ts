import { useQuery } from '@tanstack/react-query';
import { useFhir } from '../../session/SessionContext.tsx';
import { courseOf } from './record.ts';

/** The course of an attendance; it is not asked for by whom it is not shown to. */
export function useCourse(encounter: string, enabled = true) {
  const fhir = useFhir();
  return useQuery({
    queryKey: ['attendance', encounter],
    enabled,
    queryFn: () => courseOf(fhir, encounter),
    staleTime: 5_000,
  });
}
