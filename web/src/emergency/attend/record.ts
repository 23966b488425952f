import type { Encounter, Observation, Task } from 'fhir/r4';
import { entries, nextOf } from '../../fhir/bundle.ts';
import type { Answer, Fhir } from '../../fhir/client.ts';
import { order } from '../../fhir/dates.ts';
import { FIRST, whenOf } from './course.ts';

/** What is recorded of an attendance, the newest first. */
export interface Course {
  encounter: Encounter | undefined;
  observations: Observation[];
  tasks: Task[];
  /** There is more than these pages ask for: the oldest are left out, but for the first acuity. */
  cut: boolean;
}

/** Observations of a page, and how many pages are asked for: some days of a monitor by the minute. */
const PAGE = 200;
const MOST_PAGES = 25;

/**
 * Reads the course of an attendance: one request for what is newest and for the first acuity, which
 * must not be lost behind whatever came later, then the older pages.
 */
export async function courseOf(
  fhir: Pick<Fhir, 'batch' | 'get'>,
  encounter: string,
): Promise<Course> {
  const of = `encounter=Encounter/${encounter}`;
  const [read, measured, initial, due] = await fhir.batch([
    `Encounter/${encounter}`,
    `Observation?${of}&_sort=-date&_count=${PAGE}`,
    `Observation?${of}&category=${FIRST}&_sort=date&_count=5`,
    `Task?${of}&_sort=-authored-on&_count=50`,
  ]);
  if (read?.fault) throw read.fault;
  const found = new Map<string, Observation>();
  const take = (page: Answer['resource']) => {
    for (const o of entries<Observation>(page, 'Observation')) {
      if (o.status !== 'entered-in-error' && o.status !== 'cancelled') found.set(o.id ?? '', o);
    }
  };
  // Without it, what is reported would be missing and nobody told.
  if (initial?.fault) throw initial.fault;
  take(initial?.resource);
  take(measured?.resource);
  let next = nextOf(bundleOf(measured));
  for (let pages = 1; next && pages < MOST_PAGES; pages += 1) {
    const page = await fhir.get(next);
    take(page);
    next = nextOf(page.resourceType === 'Bundle' ? page : undefined);
  }
  return {
    encounter: read?.resource as Encounter | undefined,
    observations: [...found.values()].sort((a, b) => order(whenOf(b)) - order(whenOf(a))),
    tasks: entries<Task>(due?.resource, 'Task'),
    cut: next !== undefined,
  };
}

function bundleOf(answer: Answer | undefined) {
  if (answer?.fault) throw answer.fault;
  return answer?.resource?.resourceType === 'Bundle' ? answer.resource : undefined;
}
