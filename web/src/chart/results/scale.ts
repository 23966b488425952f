import type { Point } from './kinds.ts';

/** A point that has a number. */
export interface Valued extends Point {
  value: number;
}

/** From values to places on a drawing. Where all values are the same they lie in the middle. */
export function scale(values: number[], [from, to]: [number, number]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return () => (from + to) / 2;
  return (value) => round(from + ((value - low) / (high - low)) * (to - from));
}

const round = (n: number) => Math.round(n * 10) / 10;

/**
 * Runs of points that may be joined. A line ends where a value is missing, and where so much time
 * passed that nobody knows what lay between: more than six times the usual distance.
 */
export function segments(points: Point[]): Valued[][] {
  const valued = points.filter((p): p is Valued => p.value !== undefined);
  const gap = usual(valued) * 6;
  const runs: Valued[][] = [];
  let before: Point | undefined;
  for (const point of points) {
    const far = before && point.at - before.at > gap;
    const missing = before?.value === undefined;
    const run = runs.at(-1);
    if (point.value !== undefined) {
      if (run && !far && !missing) run.push(point as Valued);
      else runs.push([point as Valued]);
    }
    before = point;
  }
  return runs;
}

/** The median distance between neighbours. */
function usual(points: Point[]): number {
  const steps = points.slice(1).map((p, i) => p.at - (points[i]?.at ?? 0));
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/** Round numbers that divide a range into some four parts. */
export function ticks(low: number, high: number): number[] {
  const rough = (high - low || Math.abs(high) || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? power;
  const first = Math.floor(low / step);
  const count = Math.ceil(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
