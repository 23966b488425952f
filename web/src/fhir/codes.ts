import type { CodeableConcept, Coding, Observation, Resource } from 'fhir/r4';
import { BEDSIDE } from './loinc.ts';

/** What a concept is called: what was written, else the name of a code, else the code. */
export function words(concept: CodeableConcept | undefined): string | undefined {
  if (!concept) return undefined;
  const coding = concept.coding?.find((c) => c.display) ?? concept.coding?.[0];
  return concept.text ?? coding?.display ?? coding?.code;
}

/** The same for the first of several. */
export function firstWords(concepts: CodeableConcept[] | undefined): string | undefined {
  return words(concepts?.find((concept) => words(concept)));
}

/** Whether any coding has the code. */
export function has(concept: CodeableConcept | undefined, ...codes: string[]): boolean {
  return concept?.coding?.some((c) => c.code !== undefined && codes.includes(c.code)) ?? false;
}

/** A key by which codes are told apart; text where there is no code. */
export function keyOf(concept: CodeableConcept | undefined): string {
  const coding = concept?.coding?.find((c) => c.code);
  return coding ? `${coding.system ?? ''}|${coding.code}` : `|${concept?.text ?? ''}`;
}

/** What a measurement is called at a bedside. LOINC's long names say what nobody there reads. */
export function brief(concept: CodeableConcept | undefined): string | undefined {
  const known = concept?.coding?.map((c) => BEDSIDE[c.code ?? '']).find(Boolean);
  const long = words(concept);
  return known ?? (long && short(long));
}

/** A long name without method, unit and specimen. */
export function short(name: string): string {
  return name
    .replace(/\s*\[[^\]]*\]/g, '')
    .replace(/ (in|of|by) (Serum|Plasma|Blood|Arterial|Venous|Capillary|Urine|Red Blood).*$/i, '')
    .replace(/ (panel|group) with.*$/i, ' panel')
    .trim();
}

/** How a result stands to its reference range, as the laboratory says. */
export interface Flag {
  /** One or two letters, which stand beside a sign and not a colour alone. */
  letter: string;
  /** In words, for everybody. */
  text: string;
  sign: '▲' | '▼' | '!' | '';
  critical: boolean;
}

const FLAGS: Record<string, Flag> = {
  H: { letter: 'H', text: 'above range', sign: '▲', critical: false },
  HU: { letter: 'HU', text: 'far above range', sign: '▲', critical: true },
  HH: { letter: 'HH', text: 'critically high', sign: '▲', critical: true },
  L: { letter: 'L', text: 'below range', sign: '▼', critical: false },
  LU: { letter: 'LU', text: 'far below range', sign: '▼', critical: true },
  LL: { letter: 'LL', text: 'critically low', sign: '▼', critical: true },
  'H>': { letter: 'H>', text: 'far above range', sign: '▲', critical: true },
  'L<': { letter: 'L<', text: 'far below range', sign: '▼', critical: true },
  '>': { letter: '>', text: 'above what can be measured', sign: '▲', critical: true },
  '<': { letter: '<', text: 'below what can be measured', sign: '▼', critical: true },
  A: { letter: 'A', text: 'abnormal', sign: '!', critical: false },
  AA: { letter: 'AA', text: 'critically abnormal', sign: '!', critical: true },
  POS: { letter: 'POS', text: 'positive', sign: '!', critical: false },
  DET: { letter: 'DET', text: 'detected', sign: '!', critical: false },
  R: { letter: 'R', text: 'resistant', sign: '!', critical: false },
};

/** The interpretation that calls most for attention, of a result or of any of its components. */
export function flagOf(o: Pick<Observation, 'interpretation' | 'component'>): Flag | undefined {
  const told = [o, ...(o.component ?? [])].flatMap((part) => part.interpretation ?? []);
  const codings = told.flatMap((concept) => concept.coding ?? []);
  const flags = codings.flatMap((c) => FLAGS[c.code ?? ''] ?? []);
  return flags.find((flag) => flag.critical) ?? flags[0];
}

const BREAK_THE_GLASS = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

const carries = (resource: Resource, test: (label: Coding) => boolean) =>
  resource.meta?.security?.some(test) ?? false;

/** Whether this stands in the place of something sealed that breaking the glass would show. */
export function isMarker(resource: Resource): boolean {
  return carries(resource, (c) => c.system === BREAK_THE_GLASS && c.code === 'BTG');
}
