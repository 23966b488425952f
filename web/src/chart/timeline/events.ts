import type {
  Condition,
  DiagnosticReport,
  DocumentReference,
  Encounter,
  FhirResource,
  MedicationRequest,
  Period,
  Procedure,
} from 'fhir/r4';
import type { Answer } from '../../fhir/answer.ts';
import { brief, firstWords, isMarker, words } from '../../fhir/codes.ts';
import { latest, moment, order } from '../../fhir/dates.ts';
import { medicine } from '../medicines/medicine.ts';
import { part } from '../part.ts';
import { type Standing, standing } from '../standing.ts';

/** Something that happened. */
export interface Event {
  key: string;
  at: number;
  /** By what the search orders it, the greatest first; never before `at`. */
  edge: number;
  when: string;
  kind: string;
  text: string;
  more?: string | undefined;
  sealed: boolean;
  /** How far it happened as it is told. */
  standing: Standing;
}

/** A kind of event: where it is found, when it was, what it says. */
interface Source {
  type: FhirResource['resourceType'];
  sort: string;
  kind: string;
  when: (r: FhirResource) => string | undefined;
  /** When it ended, where it lasts: periods are searched in the order of their ends. */
  period?: (r: FhirResource) => Period | undefined;
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
  period?: (r: T) => Period | undefined,
): Source {
  return { type, sort, kind, when, text, more, period } as Source;
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
    (r) => r.period,
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
    undefined,
    (r) => r.performedPeriod,
  ),
  source<DiagnosticReport>(
    'DiagnosticReport',
    '-date',
    'Report',
    (r) => r.effectiveDateTime ?? r.effectivePeriod?.start,
    (r) => brief(r.code),
    undefined,
    (r) => r.effectivePeriod,
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
    edge: edgeOf(from.period?.(resource), when),
    when: moment(when) ?? 'no date',
    kind: from.kind,
    text: from.text(resource) ?? 'Not named',
    more: sealed ? undefined : from.more?.(resource),
    sealed,
    standing: sealed ? {} : standing(resource),
  };
}

/** What goes on has no end yet, and is found first. */
function edgeOf(period: Period | undefined, when: string | undefined): number {
  if (!period) return latest(when);
  return period.end ? latest(period.end) : Number.POSITIVE_INFINITY;
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
  const unfinished = told.filter((t) => t.more).map((t) => t.events.at(-1)?.edge ?? Infinity);
  const floor = Math.max(Number.NEGATIVE_INFINITY, ...unfinished);
  const all = told.flatMap((t) => t.events).filter((event) => event.at >= floor);
  return all.sort((a, b) => b.at - a.at);
}

/** A kind of event that is not there, or not whole, and why. */
export interface Missing {
  kind: string;
  /** The role does not see these. */
  refused: boolean;
}

/** What a page did not bring, by the answers to the sources on each page. */
export function missingOf(pages: (Answer | undefined)[][]): Missing[] {
  return SOURCES.flatMap(({ type, kind }, i) => {
    const asked = pages.flatMap((answers) => answers[i] ?? []);
    const fault = asked.map((answer) => part(answer, type).fault).find(Boolean);
    return fault ? [{ kind: `${kind}s`, refused: fault.status === 403 }] : [];
  });
}
