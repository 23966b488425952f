import { type FocusEvent, type MouseEvent, useEffect, useState } from 'react';

/** Whoever does not answer for so long has gone elsewhere. */
const FORGET_MS = 10_000;

/**
 * Something that cannot be undone is asked for once more: what is asked, until it is answered, the
 * focus leaves, or nobody answers for some seconds.
 */
export function useAskedTwice<T extends string>(act: (what: T) => void) {
  const [asked, setAsked] = useState<T>();
  useEffect(() => {
    if (asked === undefined) return;
    const timer = setTimeout(() => setAsked(undefined), FORGET_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  return {
    asked,
    press: (what: T) => (event: MouseEvent) => {
      if (!isAnswer(event.detail)) return;
      setAsked(asked === what ? undefined : what);
      if (asked === what) act(what);
    },
    forget: () => setAsked(undefined),
    left: (event: FocusEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget)) setAsked(undefined);
    },
  };
}

/** The second click of a double click answers nothing that was asked by its first. */
export const isAnswer = (clicks: number) => clicks < 2;
