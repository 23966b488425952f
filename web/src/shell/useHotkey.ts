import { useEffect, useEffectEvent } from 'react';

/** Does something on Ctrl (or ⌘) and a letter. */
export function useHotkey(letter: string, act: () => void): void {
  const now = useEffectEvent(act);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const held = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (!held || event.key.toLowerCase() !== letter) return;
      event.preventDefault();
      now();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [letter]);
}
