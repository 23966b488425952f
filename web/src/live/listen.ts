import type { Session } from '../session/session.ts';
import { EventReader } from './sse.ts';

/** How a page is kept up to date. */
export type LiveState = 'starting' | 'live' | 'lost' | 'polling';

/** The server says something at least every 15 s; after this long, the line is dead. */
const SILENCE_MS = 40_000;
const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** A server that has no stream now may have one after a while: a proxy was wrong, a right was given. */
const ABSENT_MS = 5 * 60_000;

/** How long to wait before the next attempt: doubled each time, and never the same for all. */
export function backOff(attempt: number, random: number): number {
  return Math.round(Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS) * (0.75 + random / 2));
}

interface Listening {
  session: Session;
  /** What is listened to. */
  criteria: readonly string[];
  onChange: () => void;
  onState: (state: LiveState) => void;
}

/** Listens until it is stopped. A stream that ends is begun again where it ended. */
export function listen({ session, criteria, onChange, onState }: Listening): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const reader = new EventReader();
  void (async () => {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      // `ready` counts as well: something may have changed since the page was loaded.
      const ended = await stream(session, criteria, reader, signal, () => {
        attempt = 0;
        onChange();
        onState('live');
      });
      if (signal.aborted) return;
      if (ended === 'absent') onState('polling');
      if (ended === 'failed') onState('lost');
      await pause(ended === 'absent' ? ABSENT_MS : backOff(attempt, Math.random()), signal);
    }
  })();
  return () => stop.abort();
}

/** One connection. `absent`: the server has no such operation. `ended`: it was ended in order. */
async function stream(
  session: Session,
  criteria: readonly string[],
  reader: EventReader,
  signal: AbortSignal,
  onEvent: () => void,
): Promise<'absent' | 'ended' | 'failed'> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const query = criteria.map((one) => `criteria=${encodeURIComponent(one)}`).join('&');
    const headers: Record<string, string> = {
      Accept: 'text/event-stream',
      Authorization: `Bearer ${await session.token()}`,
    };
    if (reader.position) headers['Last-Event-ID'] = reader.position;
    const response = await fetch(`${session.fhir.base}/$live?${query}`, {
      headers,
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (response.status === 401) await session.token(true);
    if ([400, 403, 404, 405, 406, 501].includes(response.status)) return 'absent';
    if (!response.ok || !response.body) return 'failed';
    const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) return 'ended';
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      if (reader.read(value).length > 0) onEvent();
    }
  } catch {
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((go) => {
    const timer = setTimeout(go, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      go();
    });
  });
}

/**
 * Does something once for any number of calls while it is under way, and once more if there were;
 * no sooner than `rest` ms after the last time.
 */
export function coalesced(act: () => Promise<unknown>, rest = 0): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    do {
      again = false;
      await act().catch(() => undefined);
      if (rest > 0) await new Promise((go) => setTimeout(go, rest));
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}
