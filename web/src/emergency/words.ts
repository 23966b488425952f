/** What the codes of the department are called. */

/** Levels of acuity, the most urgent first. The number, a shape and the word always stand together. */
export const ACUITIES = [
  { level: 1, title: 'Immediate' },
  { level: 2, title: 'Very urgent' },
  { level: 3, title: 'Urgent' },
  { level: 4, title: 'Standard' },
  { level: 5, title: 'Low' },
] as const;

/** The word of a level. */
export function acuityTitle(level: number | undefined): string {
  return ACUITIES.find((acuity) => acuity.level === level)?.title ?? 'Not assessed';
}

/** What to look out for, by its code. */
export const FLAGS: Record<string, { title: string; short: string }> = {
  sepsis: { title: 'Suspected sepsis', short: 'Sepsis' },
  safeguarding: { title: 'Safeguarding', short: 'Safeguarding' },
  infection: { title: 'Infection risk', short: 'Infection' },
  'mental-health': { title: 'Mental health', short: 'Mental health' },
  'learning-disability': { title: 'Learning disability', short: 'Learning dis.' },
  falls: { title: 'Risk of falls', short: 'Falls' },
};

const KNOWN: Record<string, string> = {
  assessment: 'Assess',
  're-triage': 'Assess again',
  observations: 'Observations',
  review: 'Medical review',
  'triage-nurse': 'Triage nurse',
  'registered-nurse': 'Registered nurse',
  'nurse-in-charge': 'Nurse in charge',
  'emergency-physician-in-charge': 'Doctor in charge',
  'assessment-due': 'To be assessed',
  'in-treatment': 'In treatment',
  'walk-in': 'Walk-in',
  'self-check-in': 'Self check-in',
  'pre-alert': 'Ambulance on its way',
  'ambulance-escort': 'Ambulance with medical escort',
  'ambulance-non-emergency': 'Ambulance, not as an emergency',
  'own-transport': 'Own car or lift',
  'public-transport': 'Public transport',
  'air-ambulance': 'Air ambulance',
  police: 'Brought by the police',
  prison: 'Brought from prison',
  news2: 'NEWS2',
  pews: 'PEWS',
  spo2: 'SpO₂',
  oxygen: 'air or oxygen',
  systolic: 'systolic pressure',
  home: 'Went home',
  admitted: 'Admitted',
  transferred: 'Transferred elsewhere',
  'left-without-being-seen': 'Left without being seen',
  died: 'Died',
  'registered-in-error': 'Registered in error: they were never here',
  'did-not-come': 'Did not come',
};

/** A code in words: those above, else its own letters. */
export function wordsOf(code: string): string {
  const known = KNOWN[code];
  if (known) return known;
  const spaced = code.replaceAll('-', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** The same inside a sentence. */
export function within(code: string): string {
  const words = wordsOf(code);
  return /^[A-Z][a-z]/.test(words) && words !== 'SpO₂'
    ? words.charAt(0).toLowerCase() + words.slice(1)
    : words;
}

/** `Northgate Emergency Department, Majors` is `Majors` to those who work there. */
export function shortArea(name: string): string {
  return name.split(', ').at(-1) ?? name;
}

/** `63 y F`: as little as tells two people apart at a glance. */
export function sexLetter(gender: string | undefined): string {
  return { female: 'F', male: 'M', other: 'Other', unknown: '?' }[gender ?? ''] ?? '';
}
