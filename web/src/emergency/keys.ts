import { keeper } from '../session/back.ts';
import { whenForgotten } from '../session/session.ts';

/**
 * Addresses of attendances. As with charts, they hold a key that means something in this window
 * alone, and nothing after signing out.
 */
const byKey = new Map<string, string>();
const byId = new Map<string, string>();

whenForgotten(() => {
  byKey.clear();
  byId.clear();
});

const random = () =>
  [...crypto.getRandomValues(new Uint8Array(6))].map((b) => b.toString(36)).join('');

/** Where an attendance is shown. */
export function attendanceAddress(encounter: string, page = ''): string {
  const key = byId.get(encounter) ?? random();
  byId.set(encounter, key);
  byKey.set(key, encounter);
  return `/emergency/a/${key}${page && `/${page}`}`;
}

/** Which attendance a key stands for. */
export function encounterOf(key: string): string | undefined {
  return byKey.get(key);
}

keeper(
  'attendance',
  () => {
    const key = location.pathname.split('/')[3] ?? '';
    const encounter = byKey.get(key);
    return encounter && JSON.stringify({ key, encounter });
  },
  (kept) => {
    const { key, encounter } = JSON.parse(kept) as { key: string; encounter: string };
    byKey.set(key, encounter);
    byId.set(encounter, key);
  },
);
