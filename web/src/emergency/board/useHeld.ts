import { type RefObject, useEffect, useState } from 'react';

/** A hand that does nothing for so long is no longer at work. */
const IDLE_MS = 20_000;

/** Whether somebody points at an element or works in it by keyboard. */
export function useHeld(element: RefObject<HTMLElement | null>): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const release = () => {
      clearTimeout(timer);
      setHeld(false);
    };
    const hold = () => {
      clearTimeout(timer);
      timer = setTimeout(release, IDLE_MS);
      setHeld(true);
    };
    const left = () => {
      if (!target.contains(document.activeElement)) release();
    };
    const blurred = (event: FocusEvent) => {
      const inside = event.relatedTarget instanceof Node && target.contains(event.relatedTarget);
      if (!inside && !target.matches(':hover')) release();
    };
    const begins = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;
    for (const sign of begins) target.addEventListener(sign, hold, { passive: true });
    target.addEventListener('pointerleave', left);
    target.addEventListener('focusout', blurred);
    return () => {
      release();
      for (const sign of begins) target.removeEventListener(sign, hold);
      target.removeEventListener('pointerleave', left);
      target.removeEventListener('focusout', blurred);
    };
  }, [element]);
  return held;
}
