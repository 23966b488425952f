import type { CodeableConcept, Observation } from 'fhir/r4';
import { has } from '../../fhir/codes.ts';
import { order } from '../../fhir/dates.ts';

/** Acuities of the Emergency Care Data Set (SNOMED CT), by level. */
const ECDS = [
  '1064891000000107',
  '1064911000000105',
  '1064901000000108',
  '1077241000000103',
  '1077251000000100',
];

/** The level that a concept stands for. */
export function levelOf(concept: CodeableConcept | undefined): number | undefined {
  const at = ECDS.findIndex((code) => has(concept, code));
  return at < 0 ? undefined : at + 1;
}

/** The acuity that was computed, where another was given. */
const computedOf = (o: Observation) =>
  o.component?.find((c) => has(c.code, 'computed-acuity'))?.valueCodeableConcept;

/** When something was measured. */
export function whenOf(o: Observation): string | undefined {
  return o.effectiveDateTime ?? o.effectiveInstant ?? o.issued;
}

/** Category of the acuity that is given first. */
export const FIRST = 'urn:accord:acuity|initial';

/** An acuity that was given, by whom and when. */
export interface Given {
  id: string;
  level: number;
  /** Whether it is the one that is reported; never guessed from what else is there. */
  initial: boolean;
  at: string | undefined;
  by: Observation['performer'];
  note: string | undefined;
  /** What followed from the answers, where somebody decided otherwise. */
  computed: number | undefined;
}

/** The acuities of an attendance, the first first. */
export function acuities(observations: readonly Observation[]): Given[] {
  return observations
    .flatMap((o) => {
      const level = levelOf(o.valueCodeableConcept);
      if (level === undefined) return [];
      const note = o.note?.map((n) => n.text).join(' ');
      const initial = o.category?.some((c) =>
        c.coding?.some(({ system, code }) => `${system}|${code}` === FIRST),
      );
      return [
        {
          id: o.id ?? '',
          level,
          initial: initial ?? false,
          at: whenOf(o),
          by: o.performer,
          note,
          computed: levelOf(computedOf(o)),
        },
      ];
    })
    .sort((a, b) => order(a.at) - order(b.at));
}

/** A score at a time; an incomplete one has no total, and is a gap. */
export interface ScorePoint {
  id: string;
  at: number;
  total: number | undefined;
}

/** Scores are known by their scheme, those of other systems by NEWS2's SNOMED code or their unit. */
export function isScore(o: Observation): boolean {
  const ours = o.method?.coding?.some((c) => c.system === 'urn:accord:score-scheme');
  return ours || has(o.code, '1104051000000101') || o.valueQuantity?.code === '{ScoreOf}';
}

/**
 * The scale of oxygen saturation of the newest score; 1 unless it says otherwise. One that was
 * taken because nobody knew which one holds switched nothing.
 */
export function scaleOf(observations: readonly Observation[]): number {
  const said = (o: Observation, code: string) => o.component?.find((c) => has(c.code, code));
  const [newest] = observations
    .filter((o) => isScore(o) && !said(o, 'spo2-scale-assumed'))
    .toSorted((a, b) => order(whenOf(b)) - order(whenOf(a)));
  return (newest && said(newest, 'spo2-scale')?.valueInteger) ?? 1;
}

/** The totals of an attendance, the first first. */
export function scores(observations: readonly Observation[]): ScorePoint[] {
  return observations
    .filter(isScore)
    .map((o) => ({ id: o.id ?? '', at: order(whenOf(o)), total: o.valueQuantity?.value }))
    .filter((p) => Number.isFinite(p.at))
    .sort((a, b) => a.at - b.at);
}

/** Runs of totals that follow one another without a gap. */
export function runs(points: readonly ScorePoint[]): ScorePoint[][] {
  const found: ScorePoint[][] = [];
  let open = false;
  for (const point of points) {
    if (point.total === undefined) open = false;
    else if (open) found.at(-1)?.push(point);
    else {
      found.push([point]);
      open = true;
    }
  }
  return found;
}
