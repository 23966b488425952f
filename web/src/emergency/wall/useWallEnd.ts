import { useEffect, useRef, useState } from 'react';
import { leaveWindow } from '../../session/session.ts';
import { site } from '../../shell/site.ts';
import { clockTime } from '../times.ts';

/** How long a wall shows the board after somebody has signed in there: a shift. */
const WALL_HOURS = 12;

/** When a wall signs out, and whether it has stood alone so long that others may be there. */
interface WallEnd {
  at: string;
  isAlone: () => boolean;
}

const SIGNS = ['pointerdown', 'keydown', 'touchstart'] as const;

/**
 * Ends the window of a wall, and no other of who signed in there. Nobody sits before a wall, so being idle does not end it; its hours
 * do, and so does leaving the wall once it has been idle for as long as ends a session elsewhere:
 * whoever comes by is not to go on in the name of who signed in.
 */
export function useWallEnd(): WallEnd {
  const [began] = useState(() => Date.now());
  const ends = began + WALL_HOURS * 3_600_000;
  const used = useRef(began);
  useEffect(() => {
    const idle = () => Date.now() - used.current > site().idleMinutes * 60_000;
    const touched = () => {
      // What is done after a long pause is done by somebody else until they have signed in.
      if (!idle()) used.current = Date.now();
    };
    const timer = setInterval(() => {
      if (Date.now() >= ends) void leaveWindow('The hours of the wall screen are over.');
    }, 5_000);
    for (const sign of SIGNS) addEventListener(sign, touched, { passive: true });
    return () => {
      clearInterval(timer);
      for (const sign of SIGNS) removeEventListener(sign, touched);
      if (idle()) void leaveWindow('Sign in to leave the wall screen.');
    };
  }, [ends]);
  const isAlone = () => Date.now() - used.current > site().idleMinutes * 60_000;
  return { at: clockTime(ends, began), isAlone };
}
