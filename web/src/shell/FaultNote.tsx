import { Button } from '@mantine/core';
import { told } from '../fhir/outcome.ts';
import styles from './Note.module.css';

/** A failure in words: what happened, what the server said, what to do. */
export function FaultNote({ fault, retry }: { fault: unknown; retry?: () => void }) {
  const { title, details, advice } = told(fault);
  return (
    <div className={`${styles.note} ${styles.bad}`} role="alert">
      <strong>{title}</strong>
      {details.length > 0 && (
        <ul>
          {details.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
      <p>{advice}</p>
      {retry && (
        <Button variant="default" size="xs" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}
