import { type Line, ofOneUnit } from './kinds.ts';
import styles from './Spark.module.css';
import { scale, segments } from './scale.ts';

const WIDTH = 144;
const HEIGHT = 24;

/** A small picture of the course; the numbers stand beside it, so it is hidden from readers. */
export function Spark({ lines: given }: { lines: Line[] }) {
  const { lines } = ofOneUnit(given);
  const all = lines.flatMap((line) => line.points).filter((p) => p.value !== undefined);
  if (new Set(all.map((p) => p.at)).size < 2) return null;
  const x = scale(
    all.map((p) => p.at),
    [3, WIDTH - 3],
  );
  const y = scale(
    all.map((p) => p.value ?? 0),
    [HEIGHT - 3, 3],
  );
  return (
    <svg
      className={styles.spark}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="xMinYMid"
      aria-hidden="true"
    >
      {lines.map((line) =>
        segments(line.points).map((run) => (
          <polyline
            key={`${line.key}${run[0]?.at}`}
            points={run.map((p) => `${x(p.at)},${y(p.value)}`).join(' ')}
          />
        )),
      )}
      {lines.map((line) => {
        const last = line.points.findLast((p) => p.value !== undefined);
        return last && <circle key={line.key} cx={x(last.at)} cy={y(last.value ?? 0)} r="2.5" />;
      })}
    </svg>
  );
}
