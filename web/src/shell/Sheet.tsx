import { type ReactNode, useEffect, useId, useRef } from 'react';
import styles from './Sheet.module.css';

/** Puts the focus on the page where what had it has just gone, so that it is never nowhere. */
export function keepFocus(): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) {
      document.getElementById('main')?.focus({ preventScroll: true });
    }
  });
}

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** The title is only for those who do not see. */
  bare?: boolean;
}

/**
 * A dialog of the browser's own: focus stays in it, Escape closes it, focus goes back. Where what
 * opened it is gone with what it did, focus goes to the page, not to nowhere.
 */
export function Sheet({ title, onClose, children, bare = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef<EventTarget>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      keepFocus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the keyboard's way, and the browser's
    <dialog
      ref={dialog}
      className={styles.sheet}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={(event) => {
        // A press that began on the text, as of who selects it, means the text, wherever it ends.
        if ([event.target, pressed.current].every((one) => one === dialog.current)) onClose();
      }}
    >
      <div className={bare ? styles.bare : styles.body}>
        <h2 id={id} className={bare ? 'hidden' : undefined}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
