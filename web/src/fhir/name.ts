import type { HumanName, Patient } from 'fhir/r4';

/** The name to show: the usual or official one that still holds, else any. */
export function pick(names: HumanName[] | undefined): HumanName | undefined {
  const held = (names ?? []).filter((name) => name.use !== 'old' && !name.period?.end);
  const by = (use: string) => held.find((name) => name.use === use);
  return by('official') ?? by('usual') ?? held[0] ?? names?.[0];
}

/** `QUILLMARROW, Willow (Ms)`: family name in capitals first (ISB 1506, patient name). */
export function formal(name: HumanName | undefined): string {
  if (!name) return 'Name not known';
  const given = name.given?.join(' ');
  const family = name.family?.toLocaleUpperCase();
  if (!family && !given) return name.text ?? 'Name not known';
  const title = name.prefix?.length ? ` (${name.prefix.join(' ')})` : '';
  return `${[family, given].filter(Boolean).join(', ')}${title}`;
}

/** `Dr Amber Alder`, as colleagues are called. */
export function plain(name: HumanName | undefined): string | undefined {
  if (!name) return undefined;
  if (name.text) return name.text;
  return [...(name.prefix ?? []), ...(name.given ?? []), name.family].filter(Boolean).join(' ');
}

const SEXES: Record<string, string> = {
  female: 'Female',
  male: 'Male',
  other: 'Other',
  unknown: 'Not known',
};

/** The administrative gender in words. */
export function gender(patient: Pick<Patient, 'gender'>): string {
  return SEXES[patient.gender ?? ''] ?? 'Not recorded';
}
