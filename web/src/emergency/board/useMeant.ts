import { type MouseEvent, type PointerEvent, useRef } from 'react';

/**
 * Keeps a press for what was pressed: something that has moved away under a finger is not taken for
 * what came into its place. `item` selects what may move.
 */
export function useMeant(item: string) {
  const pressed = useRef<Element>(null);
  const itemAt = ({ target }: { target: EventTarget }) =>
    target instanceof Element ? target.closest(item) : null;
  return {
    onPointerDownCapture: (event: PointerEvent) => {
      pressed.current = itemAt(event);
    },
    onClickCapture: (event: MouseEvent) => {
      // A click without a press is of the keyboard.
      if (event.detail === 0 || itemAt(event) === pressed.current) return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
