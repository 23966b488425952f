import { Button } from '@mantine/core';
import { told } from '../fhir/outcome.ts';
import styles from './Note.module.css';

interface Props {
  fault: unknown;
  /** Asks once more; only for what was read. */
  retry?: () => void;
  /** Something was to be stored: without an answer nobody knows whether it is. */
  wrote?: boolean;
}

/** A failure in words: what happened, what the server said, what to do. */
export function FaultNote({ fault, retry, wrote = false }: Props) {
  const { title, details, advice } = told(fault, wrote);
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
