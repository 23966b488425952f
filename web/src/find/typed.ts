import { typedDay } from '../fhir/dates.ts';
import { isNhsNumber } from '../fhir/nhs.ts';

/** What somebody typed into the one field for finding people. */
interface Typed {
  /** Words of a name. */
  words: string[];
  birthDate?: string;
  /** A number of the national kind, without spaces. */
  national?: string;
  /** Any other number, as it is written on a wristband or a letter. */
  number?: string;
}

const DATE = /\b(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[\s./-](?:\d{1,2}|[a-z]{3,9})[\s./-]\d{4})\b/i;
const NATIONAL = /\b\d{3}[\s-]?\d{3}[\s-]?\d{4}\b/;

/** Tells a number from a date from a name, in any order. */
export function read(text: string): Typed {
  let rest = text.trim();
  const typed: Typed = { words: [] };
  const number = NATIONAL.exec(rest)?.[0];
  if (number && isNhsNumber(number)) {
    typed.national = number.replace(/[\s-]/g, '');
    rest = rest.replace(number, ' ');
  }
  const date = DATE.exec(rest)?.[0];
  const birthDate = date && typedDay(date);
  if (date && birthDate) {
    typed.birthDate = birthDate;
    rest = rest.replace(date, ' ');
  }
  for (const word of rest.split(/[\s,;]+/).filter(Boolean)) {
    if (/\d/.test(word)) typed.number = word;
    else typed.words.push(word);
  }
  return typed;
}

/** The conditions of a search; nothing if what was typed is too little to search by. */
export function conditions(typed: Typed, system: string): [string, string][] | undefined {
  // Anywhere in a name, so that the second half of a double name is found too; but a letter or two
  // would be anywhere in everybody's.
  const found: [string, string][] = typed.words.map((word) => [
    word.length > 2 ? 'name:contains' : 'name',
    word,
  ]);
  if (typed.birthDate) found.push(['birthdate', typed.birthDate]);
  if (typed.national) found.push(['identifier', `${system}|${typed.national}`]);
  if (typed.number) found.push(['identifier', typed.number]);
  const enough = typed.birthDate || typed.national || typed.number;
  const letters = Math.max(0, ...typed.words.map((word) => word.length));
  return enough || letters >= 2 ? found : undefined;
}
