import { site } from '../shell/site.ts';
import { claims } from './pkce.ts';
import type { Granted } from './smart.ts';

/**
 * Where a window was, for when its page is loaded anew. It is written when the page goes, read and
 * removed when it is there again, and counts only for the same person, in the same role, no later
 * than a session would have ended by itself.
 */
export interface Page {
  path: string;
  /** As whom; what another person sees is none of this. */
  person: string;
  /** What keys in the address stand for. */
  kept: Record<string, string>;
  at: number;
}

const PAGE = 'accord.page';
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** What a part of the pages needs to find its place again. */
interface Keeper {
  keep: () => string | undefined;
  back: (kept: string) => void;
}

const keepers = new Map<string, Keeper>();
let waiting: Record<string, string> = {};

/** Says what of a place is kept, and what becomes of it when the page is there again. */
export function keeper(name: string, keep: Keeper['keep'], back: Keeper['back']): void {
  keepers.set(name, { keep, back });
  // Parts of the pages that are loaded later get theirs when they are.
  const kept = waiting[name];
  if (kept !== undefined) back(kept);
}

let used = 0;
let alone = false;

/** Notes that somebody is there. After a long pause it is somebody else until they have signed in. */
function touched(): void {
  if (Date.now() - used > site().idleMinutes * 60_000) alone = true;
  used = Date.now();
}

/** Begins to watch whether somebody is there. */
export function watch(): void {
  used = Date.now();
  alone = false;
  for (const sign of SIGNS) addEventListener(sign, touched, { passive: true, capture: true });
}

/** As whom something was granted. */
export function personOf(granted: Granted): string {
  const { sub, accord_role, accord_org } = claims(granted.access_token);
  return [sub, accord_role, accord_org].map(String).join(' ');
}

/** Writes where the window is. */
export function writePage(granted: Granted): void {
  const idle = Date.now() - used > site().idleMinutes * 60_000;
  if (alone || idle) return;
  const kept = [...keepers].flatMap(([name, { keep }]) => {
    const value = keep();
    return value === undefined ? [] : [[name, value]];
  });
  const page: Page = {
    path: location.pathname,
    person: personOf(granted),
    kept: Object.fromEntries(kept),
    at: Date.now(),
  };
  sessionStorage.setItem(PAGE, JSON.stringify(page));
}

/** Reads where the window was, and removes it. */
export function takePage(): Page | undefined {
  const text = sessionStorage.getItem(PAGE);
  sessionStorage.removeItem(PAGE);
  if (!text) return undefined;
  const page = JSON.parse(text) as Page;
  return Date.now() - page.at < site().idleMinutes * 60_000 ? page : undefined;
}

/** Gives back what was kept. */
export function giveBack(page: Page): void {
  waiting = page.kept;
  for (const [name, { back }] of keepers) {
    const kept = waiting[name];
    if (kept !== undefined) back(kept);
  }
}

/** Forgets what was kept. */
export function forgetPage(): void {
  waiting = {};
  sessionStorage.removeItem(PAGE);
}
