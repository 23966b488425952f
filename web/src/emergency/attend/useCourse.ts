import { useQuery } from '@tanstack/react-query';
import type { Encounter, Observation, Task } from 'fhir/r4';
import { entries, type Fhir } from '../../fhir/client.ts';
import { order } from '../../fhir/dates.ts';
import { useFhir } from '../../session/SessionContext.tsx';
import { whenOf } from './course.ts';

/** What is recorded of an attendance, the newest first. */
export interface Course {
  encounter: Encounter | undefined;
  observations: Observation[];
  tasks: Task[];
}

/** Reads the course of an attendance in one request. */
export function useCourse(encounter: string) {
  const fhir = useFhir();
  return useQuery({
    queryKey: ['attendance', encounter],
    queryFn: () => load(fhir, encounter),
    staleTime: 5_000,
  });
}

async function load(fhir: Fhir, encounter: string): Promise<Course> {
  const [read, measured, due] = await fhir.batch([
    `Encounter/${encounter}`,
    `Observation?encounter=Encounter/${encounter}&_sort=-date&_count=200`,
    `Task?encounter=Encounter/${encounter}&_sort=-authored-on&_count=50`,
  ]);
  if (read?.fault) throw read.fault;
  const observations = entries<Observation>(measured?.resource, 'Observation')
    .filter((o) => o.status !== 'entered-in-error' && o.status !== 'cancelled')
    .sort((a, b) => order(whenOf(b)) - order(whenOf(a)));
  return {
    encounter: read?.resource as Encounter | undefined,
    observations,
    tasks: entries<Task>(due?.resource, 'Task'),
  };
}
