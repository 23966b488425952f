import { useQuery } from '@tanstack/react-query';
import { useFhir } from '../../session/SessionContext.tsx';
import { courseOf } from './record.ts';

/** The course of an attendance. */
export function useCourse(encounter: string) {
  const fhir = useFhir();
  return useQuery({
    queryKey: ['attendance', encounter],
    queryFn: () => courseOf(fhir, encounter),
    staleTime: 5_000,
  });
}
