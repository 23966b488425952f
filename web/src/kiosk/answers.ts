import { isNhsNumber } from '../fhir/nhs.ts';

/** What somebody typed at a kiosk. */
export interface Answers {
  family: string;
  given: string;
  day: string;
  month: string;
  year: string;
  postcode: string;
  number: string;
  complaint: string;
}

export const EMPTY: Answers = {
  family: '',
  given: '',
  day: '',
  month: '',
  year: '',
  postcode: '',
  number: '',
  complaint: '',
};

/** The questions, in their order. */
export const QUESTIONS = ['family', 'given', 'born', 'postcode', 'number', 'complaint'] as const;
export type Question = (typeof QUESTIONS)[number];

/** Questions that may be left out. */
export const FREE: readonly Question[] = ['postcode', 'number'];

/** The day of birth (`1950-01-02`), if it is one that can be. */
export function bornOn({ day, month, year }: Answers, now: Date): string | undefined {
  if (![day, month].every((text) => /^\d{1,2}$/.test(text)) || !/^\d{4}$/.test(year)) return;
  const [d, m, y] = [Number(day), Number(month), Number(year)];
  const date = new Date(Date.UTC(y, m - 1, d));
  const real = date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
  if (!real || y < 1890 || date.getTime() > now.getTime()) return undefined;
  return date.toISOString().slice(0, 10);
}

const digits = (text: string) => text.replace(/[\s-]/g, '');

/** Whether a question is answered well enough to go on. */
export function isAnswered(question: Question, answers: Answers, now: Date): boolean {
  if (question === 'born') return bornOn(answers, now) !== undefined;
  const text = answers[question].trim();
  if (question === 'number') return text === '' || isNhsNumber(digits(text));
  // There are people with one name.
  return text !== '' || question === 'given' || FREE.includes(question);
}

/** What is sent: `Encounter/$check-in`. Sent again under the same name, it is the same attempt. */
export function parameters(answers: Answers, organization: string, now: Date, attempt: string) {
  const parts: { name: string; [value: string]: unknown }[] = [
    { name: 'organization', valueReference: { reference: `Organization/${organization}` } },
    { name: 'family', valueString: answers.family.trim() },
    { name: 'birthDate', valueDate: bornOn(answers, now) },
  ];
  const add = (name: string, text: string) => {
    if (text) parts.push({ name, valueString: text });
  };
  add('given', answers.given.trim());
  add('postcode', answers.postcode.trim().toUpperCase());
  add('nhs-number', digits(answers.number));
  add('complaint', answers.complaint.trim());
  add('attempt', attempt);
  return parts;
}
