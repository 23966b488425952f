import { clockTime } from '../times.ts';
import styles from './Attend.module.css';
import { runs, type ScorePoint } from './course.ts';

const WIDTH = 480;
const HEIGHT = 150;
const LEFT = 30;
const RIGHT = 16;
const TOP = 18;
const BOTTOM = 24;

/** Where the levels of a scheme begin. */
const MARKS: Record<string, number[]> = { news2: [0, 5, 7], pews: [0, 5, 9, 13] };

interface Props {
  points: ScorePoint[];
  scheme: string | undefined;
  now: number;
}

/** Totals over time. Every point tells its value and time; no line crosses an incomplete score. */
export function ScoreChart({ points, scheme = '', now }: Props) {
  const known = points.filter((p) => p.total !== undefined);
  if (known.length === 0) return <p className="soft">No complete score yet.</p>;
  const highest = Math.max(8, ...known.map((p) => p.total ?? 0));
  const [first = now, last = now] = [points[0]?.at, points.at(-1)?.at];
  const x = (at: number) =>
    first === last
      ? (LEFT + WIDTH - RIGHT) / 2
      : LEFT + 14 + ((at - first) / (last - first)) * (WIDTH - LEFT - RIGHT - 28);
  const y = (total: number) => HEIGHT - BOTTOM - (total / highest) * (HEIGHT - BOTTOM - TOP);
  const words = known.map((p) => `${p.total} at ${clockTime(p.at, now)}`).join(', ');
  return (
    <svg className={styles.chart} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img">
      <title>{`Total score: ${words}`}</title>
      {(MARKS[scheme] ?? [0])
        .filter((mark) => mark <= highest)
        .map((mark) => (
          <g key={mark}>
            <line className={styles.grid} x1={LEFT} x2={WIDTH - RIGHT} y1={y(mark)} y2={y(mark)} />
            <text x={LEFT - 6} y={y(mark) + 4} textAnchor="end">
              {mark}
            </text>
          </g>
        ))}
      {runs(points).map((run) => (
        <polyline
          key={run[0]?.id}
          points={run.map((p) => `${x(p.at)},${y(p.total ?? 0)}`).join(' ')}
        />
      ))}
      {points.map((p, i) => (
        <g key={p.id}>
          {p.total === undefined ? (
            <text x={x(p.at)} y={HEIGHT - BOTTOM - 4} textAnchor="middle">
              ✕
            </text>
          ) : (
            <>
              <circle cx={x(p.at)} cy={y(p.total)} r="4" />
              <text className={styles.value} x={x(p.at)} y={y(p.total) - 8} textAnchor="middle">
                {p.total}
              </text>
            </>
          )}
          {(i === 0 || i === points.length - 1) && (
            <text x={x(p.at)} y={HEIGHT - 6} textAnchor="middle">
              {clockTime(p.at, now)}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
