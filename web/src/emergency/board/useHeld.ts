import { type RefObject, useEffect, useState } from 'react';

/** Hands that do nothing for so long are no longer at work; one that lies on a mouse may be reading. */
const IDLE_MS = 20_000;
const OVER_MS = 120_000;
/** After a finger is lifted its click is still to come. */
const LIFTED_MS = 500;

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
    const rested = () => {
      if (target.matches(':hover')) timer = setTimeout(release, OVER_MS - IDLE_MS);
      else release();
    };
    const hold = () => {
      clearTimeout(timer);
      timer = setTimeout(rested, IDLE_MS);
      setHeld(true);
    };
    const left = (event: PointerEvent) => {
      if (target.contains(document.activeElement)) return;
      clearTimeout(timer);
      if (event.pointerType === 'mouse') release();
      else timer = setTimeout(release, LIFTED_MS);
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
