import { type ReactNode, type RefObject, useEffect, useState } from 'react';
import styles from './Pinned.module.css';

interface Props {
  /** What has to be in sight, or be repeated. */
  of: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/**
 * Repeats in a line at the top of the window whom a page is about, once that is scrolled out of
 * sight: what is typed and read further down is about somebody all the same. It is there for eyes
 * alone; who hears the page has it where it stands.
 */
export function Pinned({ of, children }: Props) {
  const [away, setAway] = useState(false);
  useEffect(() => {
    const element = of.current;
    if (!element) return;
    const look = (entries: IntersectionObserverEntry[]) => {
      const last = entries.at(-1);
      if (last) setAway(!last.isIntersecting && last.boundingClientRect.top < innerHeight / 2);
    };
    // The bar of the pages covers what is behind it.
    const observer = new IntersectionObserver(look, { rootMargin: '-48px 0px 0px 0px' });
    observer.observe(element);
    return () => observer.disconnect();
  }, [of]);
  if (!away) return null;
  return (
    <div className={styles.line} aria-hidden="true">
      {children}
    </div>
  );
}
