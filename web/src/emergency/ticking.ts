import { useSyncExternalStore } from 'react';

/**
 * The server's time, as far as its last answer told, and whatever counts by it. One timer serves
 * all that is shown; a text is drawn again only when it reads differently.
 */
class Ticking {
  /** What has to be added to this machine's clock. */
  #offset = 0;
  #now = Date.now();
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #listeners = new Set<() => void>();

  /** Takes over what time it is at the server. */
  set(at: number, received: number): void {
    this.#offset = at - received;
    this.#tick();
  }

  /** The time of the server, at the last tick. */
  now(): number {
    return this.#now;
  }

  /** The time of the server to the millisecond, also where nothing on the page counts by it. */
  exact(): Date {
    return new Date(Date.now() + this.#offset);
  }

  #tick = () => {
    this.#now = Date.now() + this.#offset;
    for (const listener of this.#listeners) listener();
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(this.#tick, 1000);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  };
}

export const ticking = new Ticking();

/** Something that follows from the time: a text, a number or a truth. */
export function useTime<T extends string | number | boolean | undefined>(
  of: (now: number) => T,
): T {
  const read = () => of(ticking.now());
  return useSyncExternalStore(ticking.subscribe, read, read);
}
