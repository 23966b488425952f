import { type MouseEvent, useEffect } from 'react';
import { Store, useStore } from './store.ts';

/**
 * Addresses of pages. They hold no name, no number and no id of a patient: a chart is `/chart/KEY`
 * with a key that means something in this window alone (`find/opened.ts`), because addresses end
 * up in histories, bookmarks and screenshots.
 */
export const path = new Store(location.pathname);

addEventListener('popstate', () => path.set(location.pathname));

/** Goes to a page. */
export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  if (to !== location.pathname)
    history[how === 'push' ? 'pushState' : 'replaceState'](null, '', to);
  path.set(location.pathname);
  if (how === 'push') scrollTo(0, 0);
}

/** The parts of the address, `['chart', 'k1', 'results']`. */
export function useRoute(): string[] {
  return useStore(path).split('/').filter(Boolean);
}

/** What a link does when it is followed with the plain main button. */
export function follow(to: string): (event: MouseEvent) => void {
  return (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    event.preventDefault();
    go(to);
  };
}

/** Names the page in the window's title; never with a patient's name, which others would read. */
export function useTitle(title: string, product: string): void {
  useEffect(() => {
    document.title = `${title} – ${product}`;
  }, [title, product]);
}
