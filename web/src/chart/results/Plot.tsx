import { day, moment } from '../../fhir/dates.ts';
import { type Line, ofOneUnit } from './kinds.ts';
import styles from './Plot.module.css';
import { scale, segments, ticks, type Valued } from './scale.ts';
import { resultText } from './value.tsx';

const WIDTH = 560;
const HEIGHT = 220;
const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 24;

/** The course of values over time, with the reference range behind it. */
export function Plot({ lines: given, title }: { lines: Line[]; title: string }) {
  const { lines, unit, others } = ofOneUnit(given);
  const valued = lines.flatMap((l) => l.points).filter((p): p is Valued => p.value !== undefined);
  if (valued.length < 2) return <p className="soft">Too few numbers for a course.</p>;
  // A range is that of one line: of two pressures it would stand for both.
  const range = lines.length === 1 ? rangeOf(valued) : undefined;
  const marks = ticks(
    Math.min(...valued.map((p) => p.value), range?.[0] ?? Infinity),
    Math.max(...valued.map((p) => p.value), range?.[1] ?? -Infinity),
  );
  const [low = 0, high = 1] = [marks[0], marks.at(-1)];
  const times = valued.map((p) => p.at);
  const x = scale(times, [LEFT + 6, WIDTH - RIGHT - 6]);
  const y = scale([low, high], [HEIGHT - BOTTOM, TOP]);
  return (
    <figure>
      <figcaption className="soft small">{unit}</figcaption>
      <svg className={styles.plot} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img">
        <title>{spoken(title, valued, unit)}</title>
        {range && (
          <rect
            className={styles.range}
            x={LEFT}
            width={WIDTH - LEFT - RIGHT}
            y={y(range[1])}
            height={Math.max(1, y(range[0]) - y(range[1]))}
          />
        )}
        {marks.map((mark) => (
          <g key={mark}>
            <line className={styles.grid} x1={LEFT} x2={WIDTH - RIGHT} y1={y(mark)} y2={y(mark)} />
            <text className={styles.mark} x={LEFT - 6} y={y(mark) + 4} textAnchor="end">
              {mark}
            </text>
          </g>
        ))}
        <text className={styles.mark} x={LEFT} y={HEIGHT - 6}>
          {day(new Date(Math.min(...times)).toISOString())}
        </text>
        <text className={styles.mark} x={WIDTH - RIGHT} y={HEIGHT - 6} textAnchor="end">
          {day(new Date(Math.max(...times)).toISOString())}
        </text>
        {lines.map((line, i) => (
          <Course key={line.key} line={line} dashed={i > 0} x={x} y={y} />
        ))}
      </svg>
      {lines.length > 1 && (
        <p className={styles.legend}>
          {lines.map((line, i) => (
            <span key={line.key} className={i > 0 ? styles.second : styles.first}>
              {line.name}
            </span>
          ))}
        </p>
      )}
      {others.length > 0 && (
        <p className="soft small">
          Not drawn, but in the table: values in {others.map((u) => u || 'no unit').join(', ')}.
        </p>
      )}
      {range && <p className="soft small">The band is the reference range of the newest value.</p>}
    </figure>
  );
}

interface CourseProps {
  line: Line;
  dashed: boolean;
  x: (at: number) => number;
  y: (value: number) => number;
}

function Course({ line, dashed, x, y }: CourseProps) {
  const runs = segments(line.points);
  return (
    <g className={dashed ? `${styles.course} ${styles.dashed}` : styles.course}>
      {runs.map((run) => (
        <polyline key={run[0]?.at} points={run.map((p) => `${x(p.at)},${y(p.value)}`).join(' ')} />
      ))}
      {runs.flat().map((p) => (
        <circle key={`${p.source.id}`} cx={x(p.at)} cy={y(p.value)} r={3}>
          <title>{`${resultText(p.source)}, ${moment(new Date(p.at).toISOString())}`}</title>
        </circle>
      ))}
    </g>
  );
}

/** The reference range of the newest number that has one. */
function rangeOf(points: Valued[]): [number, number] | undefined {
  const newest = points.toSorted((a, b) => b.at - a.at);
  const found = newest.map((p) => p.part.referenceRange?.[0]).find((r) => r?.low && r.high);
  const [low, high] = [found?.low?.value, found?.high?.value];
  return low === undefined || high === undefined ? undefined : [low, high];
}

function spoken(title: string, points: Valued[], unit: string): string {
  const values = points.map((p) => p.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${title}: ${points.length} values from ${low} to ${high} ${unit}; the table below has each.`;
}
