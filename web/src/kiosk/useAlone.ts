import { useEffect, useEffectEvent, useState } from 'react';

/** How long somebody may think, and how long before the end they are asked. */
const ALONE_S = 60;
const WARN_S = 20;
const SIGNS = ['pointerdown', 'keydown', 'touchstart', 'input'] as const;

/** The seconds that are left, where nobody has touched anything for long; at none it is over. */
export function useAlone(watching: boolean, onOver: () => void): number | undefined {
  const [left, setLeft] = useState<number>();
  const over = useEffectEvent(onOver);
  useEffect(() => {
    if (!watching) return;
    let last = Date.now();
    const look = () => {
      const rest = Math.ceil(ALONE_S - (Date.now() - last) / 1000);
      if (rest <= 0) over();
      else setLeft(rest <= WARN_S ? rest : undefined);
    };
    const used = () => {
      // A machine that slept may be woken by the next visitor, before the clock has ticked.
      if (Date.now() - last >= ALONE_S * 1000) over();
      last = Date.now();
      setLeft(undefined);
    };
    const timer = setInterval(look, 1000);
    for (const sign of SIGNS) addEventListener(sign, used, { capture: true, passive: true });
    return () => {
      clearInterval(timer);
      for (const sign of SIGNS) removeEventListener(sign, used, { capture: true });
    };
  }, [watching]);
  return left;
}
