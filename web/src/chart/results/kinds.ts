import type { Observation, ObservationComponent } from 'fhir/r4';
import { brief, isMarker, keyOf } from '../../fhir/codes.ts';
import { order } from '../../fhir/dates.ts';
import { unitOf } from '../../fhir/quantity.ts';
import { standing } from '../standing.ts';

/** Everything measured of one kind, the newest first. */
export interface Kind {
  key: string;
  name: string;
  items: Observation[];
}

/** When it was measured, not when it was told. */
export function measured(o: Observation): string | undefined {
  return o.effectiveDateTime ?? o.effectiveInstant ?? o.effectivePeriod?.start ?? o.issued;
}

/**
 * By kind, in the order in which kinds were last measured. Markers have no
 * kind and are left out, and so is what was entered in error.
 */
export function byKind(observations: Observation[]): Kind[] {
  const newest = observations.filter((o) => !isMarker(o) && !standing(o).wrong);
  newest.sort((a, b) => order(measured(b)) - order(measured(a)));
  const kinds = new Map<string, Kind>();
  for (const o of newest) {
    const key = keyOf(o.code);
    const kind = kinds.get(key) ?? { key, name: brief(o.code) ?? 'Not named', items: [] };
    kind.items.push(o);
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

/** One line of values: a result, or a component of one such as the systolic pressure. */
export interface Line {
  key: string;
  name: string;
  points: Point[];
}

/** A measured number. Without one (a comment, a missing value) there is a gap in the line. */
export interface Point {
  at: number;
  value: number | undefined;
  source: Observation;
  part: Observation | ObservationComponent;
}

/**
 * The lines that may share an axis: those of the unit of the newest number; and the other units,
 * whose numbers are told and not drawn.
 */
export function ofOneUnit(all: Line[]): { lines: Line[]; unit: string; others: string[] } {
  const unitAt = (p: Point) => unitOf(p.part.valueQuantity ?? {});
  const valued = all.flatMap((line) => line.points).filter((p) => p.value !== undefined);
  const newest = valued.reduce<Point | undefined>((a, b) => (a && a.at >= b.at ? a : b), undefined);
  const unit = newest ? unitAt(newest) : '';
  const drawn = all.map((line) => ({
    ...line,
    points: line.points.map((p) => (unitAt(p) === unit ? p : { ...p, value: undefined })),
  }));
  const others = new Set(valued.map(unitAt).filter((other) => other !== unit));
  return {
    lines: drawn.filter((line) => line.points.some((p) => p.value !== undefined)),
    unit,
    others: [...others],
  };
}

/** The numbers of a kind, a line for each component, the oldest first. */
export function lines(kind: Kind): Line[] {
  const found = new Map<string, Line>();
  for (const o of kind.items.toReversed()) {
    for (const part of [o, ...(o.component ?? [])]) {
      const own = part === o;
      if (own && !o.valueQuantity && o.component?.length) continue;
      const key = own ? '' : keyOf(part.code);
      const name = own ? kind.name : (brief(part.code) ?? '');
      const line = found.get(key) ?? { key, name, points: [] };
      const value = part.valueQuantity?.comparator ? undefined : part.valueQuantity?.value;
      line.points.push({ at: order(measured(o)), value, source: o, part });
      found.set(key, line);
    }
  }
  return [...found.values()];
}
