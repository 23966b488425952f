import type { ReactNode } from 'react';
import styles from './Rows.module.css';

/** Entries one under the other, without the weight of a table. */
export function Rows({ children }: { children: ReactNode }) {
  return <ul className={styles.rows}>{children}</ul>;
}

interface RowProps {
  main: ReactNode;
  /** At the end of the line: when, how much. */
  side?: ReactNode;
  /** Below: details in a softer voice. */
  under?: ReactNode;
}

/** One entry. */
export function Row({ main, side, under }: RowProps) {
  return (
    <li className={styles.row}>
      <span>{main}</span>
      {side && <span className={styles.side}>{side}</span>}
      {under && <span className={styles.under}>{under}</span>}
    </li>
  );
}

/** In the place of an entry that is sealed. */
export function SealedRow({ side }: { side?: ReactNode }) {
  return <Row main={<em className="soft">Sealed entry</em>} side={side} />;
}
