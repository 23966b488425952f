import type { Observation } from 'fhir/r4';
import { resultText } from '../../chart/results/value.tsx';
import { isScore } from './course.ts';

/** A value with its unit, as in the chart; of a score its total. */
export function measuredText(o: Observation): string {
  if (!isScore(o)) return resultText(o);
  const total = o.valueQuantity?.value;
  return total === undefined ? 'incomplete' : `${total}`;
}
