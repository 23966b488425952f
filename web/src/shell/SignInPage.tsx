import { Button } from '@mantine/core';
import { useState } from 'react';
import { signIn } from '../session/session.ts';
import { useTitle } from './router.ts';
import styles from './SignInPage.module.css';
import { site } from './site.ts';

/** The way in. */
export function SignInPage({ reason }: { reason: string | undefined }) {
  useTitle('Sign in', site().name);
  const [leaving, setLeaving] = useState(false);
  const begin = async () => {
    setLeaving(true);
    await signIn();
    setLeaving(false);
  };
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <h1>{site().name}</h1>
        <p className="soft">The record of the people you care for.</p>
        <p role="status" className={reason ? styles.reason : undefined}>
          {reason}
        </p>
        <Button size="md" onClick={begin} disabled={leaving} autoFocus>
          Sign in
        </Button>
        <p className="soft small">
          You are asked who you are and in which role. What you open is recorded, and patients can
          see who looked.
        </p>
      </div>
    </main>
  );
}
