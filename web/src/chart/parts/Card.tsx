import { type ReactNode, useId } from 'react';
import type { FhirError } from '../../fhir/outcome.ts';
import { follow } from '../../shell/router.ts';
import styles from './Card.module.css';

interface Props {
  title: string;
  /** How many there are, where more than the shown. */
  total?: number | undefined;
  shown?: number;
  /** Where all of them stand. */
  more?: string;
  /** What is told where there is nothing. */
  empty: string;
  fault?: FhirError | undefined;
  /** What else is to be known of it. */
  note?: string | undefined;
  wide?: boolean;
  children: ReactNode;
}

/** A part of the summary. A part that is refused says so, and leaves the others alone. */
export function Card({ title, total, shown = 0, more, empty, fault, note, wide, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={wide ? `${styles.card} ${styles.wide}` : styles.card}>
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        {more && fault?.status !== 403 && (
          <a href={more} onClick={follow(more)} className="small">
            {total !== undefined && total > shown ? `All ${total}` : 'All'}
            <span className="hidden"> {title.toLowerCase()}</span>
          </a>
        )}
      </header>
      {fault ? (
        <p className="soft">
          {fault.status === 403 ? 'Your role does not see these.' : 'These could not be loaded.'}
        </p>
      ) : shown === 0 ? (
        <p className="soft">{empty}</p>
      ) : (
        children
      )}
      {note && <p className="soft">{note}</p>}
    </section>
  );
}
