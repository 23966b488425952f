import type { Part } from '../wire.ts';

const LOINC = 'http://loinc.org';
const OWN = 'urn:accord:vital';

/** Something that is measured or looked at. */
export interface Vital {
  id: string;
  title: string;
  code: string;
  system: string;
  /** UCUM, for numbers. */
  unit?: string;
  /** The unit as people read it. */
  shown?: string;
  /** What can be chosen, where it is no number. */
  choices?: { code: string; title: string }[];
  choiceSystem?: string;
  /** `child`: only asked of those under 16. `more`: not part of a score. */
  when?: 'child' | 'more';
}

/** In the order of the chart at the end of a bed. */
export const VITALS: readonly Vital[] = [
  number('respiration', 'Respiration rate', '9279-1', '/min'),
  number('spo2', 'Oxygen saturation (SpO₂)', '2708-6', '%'),
  {
    id: 'oxygen-device',
    title: 'Air or oxygen',
    code: 'oxygen-device',
    system: OWN,
    choiceSystem: 'urn:accord:oxygen-device',
    choices: [
      { code: 'air', title: 'Air' },
      { code: 'nasal-cannula', title: 'Nasal cannula' },
      { code: 'face-mask', title: 'Face mask' },
      { code: 'venturi', title: 'Venturi mask' },
      { code: 'non-rebreather', title: 'Non-rebreather mask' },
      { code: 'head-box', title: 'Head box' },
      { code: 'high-flow', title: 'High-flow nasal' },
      { code: 'cpap', title: 'CPAP' },
      { code: 'bipap', title: 'BiPAP' },
    ],
  },
  number('oxygen-flow', 'Oxygen flow', '3151-8', 'L/min'),
  number('systolic', 'Blood pressure, systolic', '8480-6', 'mm[Hg]', 'mmHg'),
  number('diastolic', 'Blood pressure, diastolic', '8462-4', 'mm[Hg]', 'mmHg'),
  number('pulse', 'Pulse', '8867-4', '/min'),
  {
    id: 'consciousness',
    title: 'Consciousness',
    code: '67775-7',
    system: LOINC,
    choiceSystem: 'urn:accord:acvpu',
    choices: [
      { code: 'A', title: 'Alert' },
      { code: 'C', title: 'New confusion' },
      { code: 'V', title: 'Voice' },
      { code: 'P', title: 'Pain' },
      { code: 'U', title: 'Unresponsive' },
    ],
  },
  number('temperature', 'Temperature', '8310-5', 'Cel', '°C'),
  { ...number('capillary-refill', 'Capillary refill', '44963-7', 's'), when: 'child' },
  {
    id: 'respiratory-distress',
    title: 'Respiratory distress',
    code: 'respiratory-distress',
    system: OWN,
    when: 'child',
    choiceSystem: 'urn:accord:respiratory-distress',
    choices: [
      { code: 'none', title: 'None' },
      { code: 'mild', title: 'Mild' },
      { code: 'moderate', title: 'Moderate' },
      { code: 'severe', title: 'Severe' },
    ],
  },
  { ...number('pain', 'Pain', '72514-3', '{score}', 'of 10'), when: 'more' },
  { ...number('glucose', 'Capillary glucose', '15074-8', 'mmol/L'), when: 'more' },
  { ...number('coma', 'Glasgow coma score', '9269-2', '{score}', 'of 15'), when: 'more' },
  { ...number('weight', 'Weight', '29463-7', 'kg'), when: 'more' },
];

function number(id: string, title: string, code: string, unit: string, shown = unit): Vital {
  return { id, title, code, system: LOINC, unit, shown };
}

/** A number as people type it; a comma is a point. Nothing for what is no number. */
export function typedNumber(text: string): number | undefined {
  const clean = text.trim().replace(',', '.');
  return /^\d{1,4}(\.\d{1,2})?$/.test(clean) ? Number(clean) : undefined;
}

/** What was typed, by the `id` of a vital. */
type Values = Readonly<Record<string, string>>;

/** Whether a vital is asked for, given the others: there is no flow without a device. */
export function isAsked(vital: Vital, values: Values, child: boolean): boolean {
  if (vital.when === 'child' && !child) return false;
  return vital.id !== 'oxygen-flow' || !['', 'air'].includes(values['oxygen-device'] ?? '');
}

/** What is wrong with what was typed, before anybody is asked. */
export function mistake(vital: Vital, text: string): string | undefined {
  if (!text.trim() || !vital.unit || typedNumber(text) !== undefined) return undefined;
  return 'A number is needed, such as 16 or 36.8, with two decimals at most.';
}

/** The first vital whose value would be lost on sending, because it is no number. */
export function firstMistake(values: Values, child: boolean): Vital | undefined {
  const asked = VITALS.filter((v) => isAsked(v, values, child));
  return asked.find((v) => mistake(v, values[v.id] ?? '') !== undefined);
}

/**
 * What was typed as parameters of `$assess`. What is empty, no number, or hidden by a later choice
 * is left out: nothing is stored that the form does not show.
 */
export function vitalParts(values: Values, confirmed: readonly string[], child: boolean): Part[] {
  return VITALS.filter((vital) => isAsked(vital, values, child)).flatMap((vital) => {
    const typed = values[vital.id]?.trim();
    const value = typed ? valuePart(vital, typed) : undefined;
    if (!value) return [];
    const part: Part[] = [{ name: 'code', valueCode: vital.code }, value];
    if (confirmed.includes(vital.id)) part.push({ name: 'confirmed', valueBoolean: true });
    return [{ name: 'vital', part }];
  });
}

function valuePart(vital: Vital, typed: string): Part | undefined {
  if (vital.choices) {
    const coding = [{ system: vital.choiceSystem, code: typed }];
    return { name: 'value', valueCodeableConcept: { coding } } as Part;
  }
  const value = typedNumber(typed);
  const { unit, shown } = vital;
  if (value === undefined || !unit) return undefined;
  const system = 'http://unitsofmeasure.org';
  return { name: 'value', valueQuantity: { value, unit: shown ?? unit, system, code: unit } };
}
