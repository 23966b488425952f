import { useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  AllergyIntolerance,
  Condition,
  DocumentReference,
  Encounter,
  Flag,
  MedicationRequest,
  MedicationStatement,
  Observation,
  Patient,
} from 'fhir/r4';
import { useContext } from 'react';
import type { Answer, Fhir } from '../fhir/client.ts';
import { isMarker } from '../fhir/codes.ts';
import { FhirError } from '../fhir/outcome.ts';
import { useFhir } from '../session/SessionContext.tsx';
import { ChartLive, useKept } from './live.ts';
import { counted, type Part, part, refused } from './part.ts';

/** What the first screen of a chart shows. Each part may be missing with a reason of its own. */
export interface First {
  /** Absent where another organisation keeps it, and only entries about the person are open. */
  patient: Patient | undefined;
  allergies: Part<AllergyIntolerance>;
  flags: Part<Flag>;
  problems: Part<Condition>;
  medicines: Part<MedicationRequest>;
  vitals: Part<Observation>;
  results: Part<Observation>;
  visits: Part<Encounter>;
  documents: Part<DocumentReference>;
  /** What somebody said that the person takes, whoever prescribed it. */
  reported: Part<MedicationStatement>;
  /** How much there is in place of what is sealed; absent where that could not be told. */
  sealed: number | undefined;
}

/** Those that hold, whatever their number; what is sealed meets this too. */
const ALLERGIES =
  'clinical-status:not=inactive,resolved&verification-status:not=refuted,entered-in-error&_count=200';

/** Those that last, or of which nobody said whether they do. */
const PROBLEMS =
  'clinical-status:not=inactive,resolved,remission&verification-status:not=refuted,entered-in-error';

/** One request, ten bounded questions, whatever the length of the record. */
const asked = (id: string) => [
  `Patient/${id}`,
  `AllergyIntolerance?patient=${id}&${ALLERGIES}`,
  `Flag?patient=${id}&_count=200`,
  `Condition?patient=${id}&${PROBLEMS}&_sort=-onset-date&_count=30`,
  `MedicationRequest?patient=${id}&status=active,on-hold&_sort=-authoredon&_count=30`,
  `Observation/$lastn?patient=${id}&max=8&category=vital-signs`,
  `Observation/$lastn?patient=${id}&max=1&category=laboratory`,
  `Encounter?patient=${id}&_sort=-date&_count=6`,
  `DocumentReference?patient=${id}&_sort=-date&_count=6`,
  `MedicationStatement?patient=${id}&status:not=entered-in-error,completed,stopped&_sort=-effective&_count=30`,
  `Patient/${id}/*?_security=http://terminology.hl7.org/CodeSystem/v3-ActReason|BTG&_summary=count`,
];

/** The first screen of a patient's chart. A patient who does not exist for me is a fault 404. */
export function useFirst(id: string) {
  const fhir = useFhir();
  const kept = useKept();
  const started = useContext(ChartLive) !== 'starting';
  return useQuery({
    queryKey: ['chart', id, 'first'],
    ...kept,
    enabled: started,
    queryFn: async (): Promise<First> => {
      const answers = await withNewest(fhir, id, await fhir.batch(asked(id)));
      const [patient] = answers;
      const first: First = {
        patient: patient?.resource as Patient | undefined,
        allergies: part<AllergyIntolerance>(answers[1], 'AllergyIntolerance'),
        flags: inForce(part<Flag>(answers[2], 'Flag')),
        problems: part<Condition>(answers[3], 'Condition'),
        medicines: part<MedicationRequest>(answers[4], 'MedicationRequest'),
        vitals: part<Observation>(answers[5], 'Observation'),
        results: part<Observation>(answers[6], 'Observation'),
        visits: part<Encounter>(answers[7], 'Encounter'),
        documents: part<DocumentReference>(answers[8], 'DocumentReference'),
        reported: part<MedicationStatement>(answers[9], 'MedicationStatement'),
        // Whose role is refused this is told of nothing that is sealed.
        sealed: answers[10]?.fault?.status === 403 ? 0 : counted(answers[10]),
      };
      const fault = first.patient ? undefined : (patient?.fault ?? new FhirError(502));
      // Whose details are not open to me may have entries that are; anything else is a failure.
      const closed = fault && [403, 404].includes(fault.status);
      if (fault && !(closed && hasEntries(first))) throw fault;
      return first;
    },
  });
}

/** R4 searches no flags by their status: those that ended are left out here. A marker says nothing. */
function inForce(flags: Part<Flag>): Part<Flag> {
  const holds = (flag: Flag) => isMarker(flag) || flag.status === 'active';
  return { ...flags, items: flags.items.filter(holds), total: undefined };
}

/** Of records too long for the last of each kind: the newest of any kind. */
async function withNewest(fhir: Fhir, id: string, answers: Answer[]): Promise<Answer[]> {
  const costly = [...NEWEST].filter(([i]) => isCostly(answers[i]?.fault));
  if (costly.length === 0) return answers;
  const urls = costly.map(
    ([, category]) => `Observation?patient=${id}&category=${category}&_sort=-date&_count=500`,
  );
  const newest = await fhir.batch(urls);
  const all = [...answers];
  for (const [at, [i]] of costly.entries()) all[i] = newest[at] ?? {};
  return all;
}

/** Which of what is asked are the last of each kind. */
const NEWEST = new Map([
  [5, 'vital-signs'],
  [6, 'laboratory'],
]);

/** Whether something is not answered because the record is too long for it. */
export function isCostly(fault: unknown): boolean {
  return fault instanceof FhirError && fault.outcome?.issue[0]?.code === 'too-costly';
}

/** Whether anything about the person is open. */
function hasEntries(first: First): boolean {
  return Object.values(first).some((each) => (each as Partial<Part<unknown>>)?.items?.length);
}

/** The allergies of somebody alone, for pages that are no chart; nothing before they are there. */
export function useAllergies(id: string | undefined): Part<AllergyIntolerance> | undefined {
  const fhir = useFhir();
  const kept = useKept();
  const { data, error } = useQuery({
    queryKey: ['chart', id, 'allergies'],
    ...kept,
    enabled: id !== undefined,
    queryFn: () =>
      fhir.search<AllergyIntolerance>('AllergyIntolerance', [
        ['patient', id ?? ''],
        ...new URLSearchParams(ALLERGIES),
      ]),
  });
  if (data) return { ...part({ resource: data }, 'AllergyIntolerance'), old: error !== null };
  return error ? refused(error as FhirError) : undefined;
}

/** Loads a chart anew. */
export function useReload(id: string): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: ['chart', id] });
}
