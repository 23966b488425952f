import type {
  Condition,
  DiagnosticReport,
  DocumentReference,
  Encounter,
  FhirResource,
  MedicationRequest,
  Procedure,
} from 'fhir/r4';
import { brief, firstWords, isMarker, words } from '../../fhir/codes.ts';
import { moment, order } from '../../fhir/dates.ts';
import { medicine } from '../medicines/medicine.ts';
import { type Standing, standing } from '../standing.ts';

/** Something that happened. */
export interface Event {
  key: string;
  at: number;
  when: string;
  kind: string;
  text: string;
  more?: string | undefined;
  sealed: boolean;
  /** How far it happened as it is told. */
  standing: Standing;
}

/** A kind of event: where it is found, when it was, what it says. */
export interface Source {
  type: FhirResource['resourceType'];
  /** The order of the search must be that of `when`, or pages could not be joined. */
  sort: string;
  kind: string;
  when: (r: FhirResource) => string | undefined;
  text: (r: FhirResource) => string | undefined;
  more?: (r: FhirResource) => string | undefined;
}

function source<T extends FhirResource>(
  type: T['resourceType'],
  sort: string,
  kind: string,
  when: (r: T) => string | undefined,
  text: (r: T) => string | undefined,
  more?: (r: T) => string | undefined,
): Source {
  return { type, sort, kind, when, text, ...(more ? { more } : {}) } as Source;
}

/** Everything that stands on the timeline. */
export const SOURCES: Source[] = [
  source<Encounter>(
    'Encounter',
    '-date',
    'Visit',
    (r) => r.period?.start,
    (r) => firstWords(r.type) ?? r.class?.display,
    (r) => firstWords(r.reasonCode),
  ),
  source<Condition>(
    'Condition',
    '-recorded-date',
    'Problem',
    (r) => r.recordedDate,
    (r) => words(r.code),
    (r) => words(r.clinicalStatus)?.toLowerCase(),
  ),
  source<Procedure>(
    'Procedure',
    '-date',
    'Procedure',
    (r) => r.performedDateTime ?? r.performedPeriod?.start,
    (r) => words(r.code),
  ),
  source<DiagnosticReport>(
    'DiagnosticReport',
    '-date',
    'Report',
    (r) => r.effectiveDateTime ?? r.effectivePeriod?.start,
    (r) => brief(r.code),
  ),
  source<MedicationRequest>(
    'MedicationRequest',
    '-authoredon',
    'Medicine',
    (r) => r.authoredOn,
    medicine,
    (r) => (r.status === 'active' ? 'current' : undefined),
  ),
  source<DocumentReference>(
    'DocumentReference',
    '-date',
    'Document',
    (r) => r.date,
    (r) => words(r.type) ?? r.description,
  ),
];

/** The event that a resource tells of. */
export function eventOf(from: Source, resource: FhirResource): Event {
  const sealed = isMarker(resource);
  const when = from.when(resource);
  return {
    key: `${from.type}/${resource.id}`,
    at: order(when),
    when: moment(when) ?? 'no date',
    kind: from.kind,
    text: from.text(resource) ?? 'Not named',
    more: sealed ? undefined : from.more?.(resource),
    sealed,
    standing: sealed ? {} : standing(resource),
  };
}

/** What one source has told so far, and whether there is more of it. */
export interface Told {
  events: Event[];
  more: boolean;
}

/**
 * Events of several sources in one order. Below the oldest that an unfinished source has told
 * there may be gaps, so nothing of that is shown before the source has told more.
 */
export function merge(told: Told[]): Event[] {
  const unfinished = told.filter((t) => t.more).map((t) => t.events.at(-1)?.at ?? Infinity);
  const floor = Math.max(Number.NEGATIVE_INFINITY, ...unfinished);
  const all = told.flatMap((t) => t.events).filter((event) => event.at >= floor);
  return all.sort((a, b) => b.at - a.at);
}
