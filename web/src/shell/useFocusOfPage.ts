import { useEffect, useRef } from 'react';

/** Which page an address is of: the sections of a chart are one, between which its links lead. */
export function pageOf(route: readonly string[]): string {
  return route.slice(0, route[0] === 'chart' ? 2 : 4).join('/');
}

/**
 * Puts the focus on the heading of a page that takes the place of another, so that who hears the
 * pages knows where they are, and goes on from there (WCAG 2.2, 2.4.3). A page that puts it on a
 * field of its own keeps it there; one that is still loaded has it until its heading comes.
 */
export function useFocusOfPage(page: string): void {
  const before = useRef(page);
  useEffect(() => {
    if (before.current === page) return;
    before.current = page;
    let waits = false;
    const look = () => {
      const main = document.querySelector('main');
      const at = document.activeElement;
      const elsewhere = waits ? at !== main : at !== main && main?.contains(at);
      const heading = main?.querySelector('h1');
      if (elsewhere || heading) drawn.disconnect();
      if (elsewhere || !main) return;
      if (heading) heading.tabIndex = -1;
      (heading ?? main).focus({ preventScroll: true });
      waits = true;
    };
    const drawn = new MutationObserver(look);
    // Dialogs that led here give the focus back first.
    const frame = requestAnimationFrame(() => {
      drawn.observe(document.body, { childList: true, subtree: true });
      look();
    });
    return () => {
      cancelAnimationFrame(frame);
      drawn.disconnect();
    };
  }, [page]);
}
