import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { personOf } from '../session/back.ts';
import { useSession } from '../session/SessionContext.tsx';
import { signOut } from '../session/session.ts';
import { tellWindows, whenTold } from '../session/windows.ts';
import { Sheet } from './Sheet.tsx';
import { site } from './site.ts';

/** How long before the end it is announced. */
const WARN_S = 60;
/** How often the other windows are told that somebody is there. */
const TELL_MS = 5_000;
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;
/** Before the page itself: what comes too late is not to do anything there. */
const LISTEN = { passive: true, capture: true };

/** Ends the session of whoever has left a shared machine. Instants count, not ticks: machines sleep. */
export function IdleGuard() {
  const [left, setLeft] = useState<number>();
  const person = personOf(useSession().granted);
  useEffect(() => {
    const minutes = site().idleMinutes;
    let last = Date.now();
    let told = 0;
    const secondsLeft = () => Math.ceil(minutes * 60 - (Date.now() - last) / 1000);
    const look = () => {
      const seconds = secondsLeft();
      if (seconds <= 0) void signOut(`You were signed out after ${minutes} minutes without use.`);
      else setLeft(seconds <= WARN_S ? seconds : undefined);
    };
    const used = (event: Event) => {
      // A machine that slept may be woken by somebody else, before the clock has ticked.
      if (secondsLeft() <= 0) {
        event.stopPropagation();
        look();
        return;
      }
      if (Date.now() - told > TELL_MS) {
        told = Date.now();
        tellWindows('used', person);
      }
      last = Date.now();
      setLeft(undefined);
    };
    const deaf = whenTold('used', (who) => {
      if (who !== person) return;
      last = Date.now();
      setLeft(undefined);
    });
    const timer = setInterval(look, 1000);
    for (const sign of SIGNS) addEventListener(sign, used, LISTEN);
    document.addEventListener('visibilitychange', look);
    return () => {
      deaf();
      clearInterval(timer);
      for (const sign of SIGNS) removeEventListener(sign, used, LISTEN);
      document.removeEventListener('visibilitychange', look);
    };
  }, [person]);
  if (left === undefined) return null;
  return (
    <Sheet title="Still there?" onClose={() => setLeft(undefined)}>
      <p>
        Nobody has used this window for a while. It signs out in{' '}
        <span className="number">{left}</span> s; what you typed and did not send is lost then.
      </p>
      <Button onClick={() => setLeft(undefined)}>Stay signed in</Button>
    </Sheet>
  );
}
