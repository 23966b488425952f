import type { ReactNode } from 'react';
import styles from './Table.module.css';

/** A table that becomes a list of labelled values where it would not fit. */
export function Table({
  caption,
  head,
  children,
}: {
  caption: string;
  head: string[];
  children: ReactNode;
}) {
  return (
    <table className={styles.table}>
      <caption className="hidden">{caption}</caption>
      <thead>
        <tr>
          {head.map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

/** A cell that knows its column, for when the columns are gone. */
export function Cell({ of: label, children }: { of: string; children: ReactNode }) {
  return <td data-label={label}>{children}</td>;
}
