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

/** When something was measured. */
export function whenOf(o: Observation): string | undefined {
  return o.effectiveDateTime ?? o.effectiveInstant ?? o.issued;
}

/** An acuity that was given, by whom and when. */
export interface Given {
  id: string;
  level: number;
  at: string | undefined;
  by: Observation['performer'];
  note: string | undefined;
}

/** The acuities of an attendance, the first first: the first one is what is reported. */
export function acuities(observations: readonly Observation[]): Given[] {
  return observations
    .flatMap((o) => {
      const level = levelOf(o.valueCodeableConcept);
      if (level === undefined) return [];
      const note = o.note?.map((n) => n.text).join(' ');
      return [{ id: o.id ?? '', level, at: whenOf(o), by: o.performer, note }];
    })
    .sort((a, b) => order(a.at) - order(b.at));
}

/** A score at a time; an incomplete one has no total, and is a gap. */
export interface ScorePoint {
  id: string;
  at: number;
  total: number | undefined;
}

/** Scores: NEWS2 by its SNOMED code, others by their unit. Pain and coma are scores of themselves. */
export function isScore(o: Observation): boolean {
  if (has(o.code, '72514-3', '9269-2')) return false;
  const unit = o.valueQuantity?.code ?? o.valueQuantity?.unit;
  return (
    has(o.code, '1104051000000101', 'news2', 'pews') || unit === '{ScoreOf}' || unit === '{score}'
  );
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
