import type { FhirResource } from 'fhir/r4';
import { all, count, instant, type Part, parametersOf, text } from '../wire.ts';

/** How long somebody who arrives now may wait, as far as the site's own past tells. */
export interface Forecast {
  acuity: number;
  from: number;
  to: number;
  /** Median of how far it was off, of attendances that it was not made from, in minutes. */
  error: number;
  /** How many of those lay in the range, in percent. */
  coverage: number | undefined;
  attendances: number | undefined;
  /** How many of them left before they were seen, in percent. */
  left: number | undefined;
  until: number | undefined;
}

/** An answer of `$forecast`. */
export interface Forecasts {
  each: Forecast[];
  /** Why there is none, in words. */
  absent: string | undefined;
}

/** Reads an answer of `$forecast`. */
export function forecastsOf(answer: FhirResource): Forecasts {
  const parts = parametersOf(answer);
  return {
    each: all(parts, 'forecast').flatMap(({ part }) => forecast(part)),
    absent: text(parts, 'forecast-absent'),
  };
}

/** One without its measured error is none: a range alone says nothing of how good it is. */
function forecast(part: Part[] | undefined): Forecast[] {
  const [acuity, from, to] = ['acuity', 'from-minutes', 'to-minutes'].map((n) => count(part, n));
  const error = count(part, 'typical-error-minutes');
  if (acuity === undefined || from === undefined || to === undefined) return [];
  if (error === undefined || to < from) return [];
  const coverage = count(part, 'coverage-percent');
  const attendances = count(part, 'attendances');
  const left = count(part, 'left-unseen-percent');
  const until = instant(part, 'until');
  return [{ acuity, from, to, error, coverage, attendances, left, until }];
}
