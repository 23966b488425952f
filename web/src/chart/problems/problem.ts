import type { Condition } from 'fhir/r4';
import { day } from '../../fhir/dates.ts';
import { quantity } from '../../fhir/quantity.ts';

/** Since when, as far as it is known. */
export function onset(problem: Condition): string | undefined {
  const at = problem.onsetDateTime ?? problem.onsetPeriod?.start;
  if (at) return day(at);
  if (problem.onsetAge) return `at ${quantity(problem.onsetAge)}`;
  return problem.onsetString ?? day(problem.recordedDate);
}

/** Until when. */
export function abatement(problem: Condition): string | undefined {
  return day(problem.abatementDateTime ?? problem.abatementPeriod?.end) ?? problem.abatementString;
}
