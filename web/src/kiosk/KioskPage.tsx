import { useEffect, useState } from 'react';
import { finish, type Session } from '../session/session.ts';
import { useTitle } from '../shell/router.ts';
import { site } from '../shell/site.ts';
import styles from './Kiosk.module.css';
import { Steps } from './Steps.tsx';
import { TEXTS } from './texts.ts';
import { useAlone } from './useAlone.ts';

/** How long a kiosk stays open after somebody of the staff has opened it: a shift. */
const HOURS = 12;

/**
 * Self check-in. The window has a token that can record an arrival and nothing else; the session
 * of who opened it has ended. What is typed is in memory until it is sent, or nobody is there.
 */
export default function KioskPage({ session }: { session: Session }) {
  useTitle('Check in', site().name);
  // Whoever comes next gets other steps: nothing of the last visitor is left in them.
  const [visitor, setVisitor] = useState(0);
  const next = () => setVisitor((n) => n + 1);
  useEffect(() => {
    // By the clock: a machine that slept has not waited.
    const ends = Date.now() + HOURS * 3_600_000;
    const timer = setInterval(() => {
      if (Date.now() >= ends) void finish(TEXTS.ended);
    }, 5_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className={styles.kiosk}>
      <header className={styles.emergency}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M9 2h6v7h7v6h-7v7H9v-7H2V9h7z" />
        </svg>
        {TEXTS.emergency}
      </header>
      <main className={styles.main}>
        <Visit key={visitor} session={session} onNext={next} />
      </main>
    </div>
  );
}

function Visit({ session, onNext }: { session: Session; onNext: () => void }) {
  const [begun, setBegun] = useState(false);
  const left = useAlone(begun, onNext);
  if (!begun) {
    return (
      <>
        <h1>{TEXTS.welcome}</h1>
        <p className={styles.help}>{TEXTS.private}</p>
        <button type="button" className={styles.main1} onClick={() => setBegun(true)}>
          {TEXTS.start}
        </button>
      </>
    );
  }
  return (
    <>
      <Steps session={session} onNext={onNext} />
      <div role="alert" className={left === undefined ? undefined : styles.alone}>
        {left !== undefined && (
          <>
            <b>{TEXTS.there}</b> {TEXTS.wiped} <span className="number">{left}</span>{' '}
            {TEXTS.seconds}.{' '}
            <button type="button" className={styles.small}>
              {TEXTS.stay}
            </button>
          </>
        )}
      </div>
    </>
  );
}
