import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { connection } from './connection.ts';
import styles from './Note.module.css';
import { useStore } from './store.ts';

/** How often a lost server is asked for by itself. */
const EVERY_MS = 10_000;

/** Says that the server does not answer, what still stands, and tries again. */
export function ConnectionNote() {
  const lost = useStore(connection.state) === 'lost';
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    if (!lost) return;
    const again = async () => {
      if (await connection.retry()) void queries.refetchQueries({ type: 'active' });
    };
    const timer = setInterval(() => void again(), EVERY_MS);
    return () => clearInterval(timer);
  }, [lost, queries]);
  const ask = async () => {
    setAsking(true);
    if (await connection.retry()) void queries.refetchQueries({ type: 'active' });
    setAsking(false);
  };
  return (
    <div role="status" className={styles.stays}>
      {lost && (
        <div className={styles.bar} data-lost>
          <strong>No connection.</strong>
          <span>
            What you see was true when it was loaded. What you type stays here; what you sent
            without an answer is not sent again by itself.
          </span>
          <Button size="compact-sm" variant="default" onClick={ask} disabled={asking}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
