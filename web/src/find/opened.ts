import type { HumanName, Patient } from 'fhir/r4';
import { keeper } from '../session/back.ts';
import { whenForgotten } from '../session/session.ts';
import { go } from '../shell/router.ts';
import { Store } from '../shell/store.ts';

/** A patient whose chart was opened in this window. */
export interface Opened {
  /** Stands in the address: it means something here alone, and nothing after signing out. */
  key: string;
  id: string;
  /** What was known of the person on opening, to be shown until the record is there. */
  known: Pick<Patient, 'name' | 'birthDate' | 'gender' | 'identifier'>;
}

const byKey = new Map<string, Opened>();

/** The charts of this session, the newest first. */
export const recent = new Store<Opened[]>([]);

const MOST = 12;

whenForgotten(() => {
  byKey.clear();
  recent.set([]);
});

const random = () =>
  [...crypto.getRandomValues(new Uint8Array(6))].map((b) => b.toString(36)).join('');

// The chart in the address is the one thing of this list that a page loaded anew needs.
keeper(
  'chart',
  () => {
    const key = location.pathname.split('/')[2] ?? '';
    const opened = byKey.get(key);
    return opened && JSON.stringify({ key, id: opened.id });
  },
  (kept) => {
    const { key, id } = JSON.parse(kept) as { key: string; id: string };
    byKey.set(key, { key, id, known: {} });
  },
);

/** Remembers a patient, and tells the address of the chart. */
export function addressOf(id: string, known: Opened['known'] = {}): string {
  const before = [...byKey.values()].find((opened) => opened.id === id);
  const opened: Opened = before ?? { key: random(), id, known };
  if (known.name) opened.known = known;

  byKey.set(opened.key, opened);
  return `/chart/${opened.key}`;
}

/** Opens the chart of a patient. */
export function openChart(id: string, known?: Opened['known']): void {
  const address = addressOf(id, known);
  go(address);
}

/** Notes that a chart was seen, so that it can be gone back to. */
export function seen(opened: Opened, patient: Patient): void {
  opened.known = patient;
  const others = recent.get().filter((other) => other.id !== opened.id);
  recent.set([opened, ...others].slice(0, MOST));
}

/** Whom a key of this window stands for. */
export function patientOf(key: string): Opened | undefined {
  return byKey.get(key);
}

/** The name in an answer of `$trace`, as part of a patient. */
export function knownBy(
  name: HumanName | undefined,
  birthDate?: string,
  gender?: string,
): Opened['known'] {
  return {
    ...(name ? { name: [name] } : {}),
    ...(birthDate ? { birthDate } : {}),
    ...(gender ? { gender: gender as Patient['gender'] } : {}),
  } as Opened['known'];
}
