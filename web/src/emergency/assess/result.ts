import type { FhirResource } from 'fhir/r4';
import { sentence } from '../../fhir/outcome.ts';
import { all, count, inside, instant, one, type Part, parametersOf, text } from '../wire.ts';

/** What the server makes of what was typed. */
export interface Result {
  scheme: { id: string; title: string; version: string | undefined; source: string | undefined };
  /** Whether the answer names a scheme at all. */
  schemeTold: boolean;
  /** Absent while something is missing. */
  total: number | undefined;
  atLeast: number;
  /** Whether anything was scored at all. */
  scored: boolean;
  label: string | undefined;
  subScores: { parameter: string; title: string; value: string; score: number }[];
  missing: { parameter: string; title: string }[];
  toConfirm: { code: string; text: string }[];
  triggers: { id: string; text: string }[];
  acuity: Decided | undefined;
  responses: { text: string; who: string | undefined; review?: number; observe?: number }[];
  nextDue: { what: string; at: number; who: string | undefined }[];
  /** What the score rests on where the birth date does not tell the age, in words. */
  age: { basis: string; words: string } | undefined;
  /** The scale of oxygen saturation that was used. */
  scale: number | undefined;
  /** False where earlier scores are not open to who asks: nobody knows which scale was set. */
  scaleKnown: boolean;
}

/** The acuity that would be stored, and the one that follows from the answers. */
interface Decided {
  level: number | undefined;
  computed: number | undefined;
  why: string | undefined;
  /** What a reason has to be given for. */
  reasonNeeded: string | undefined;
  /** What keeps anybody from telling whether vital signs are in the danger zone. */
  unassessed: string | undefined;
}

/** Reads an answer of `$assess`. */
export function resultOf(answer: FhirResource): Result {
  const parts = parametersOf(answer);
  const scheme = inside(parts, 'scheme');
  const score = inside(parts, 'score');
  const complete = text(score, 'state') === 'complete';
  const subScores = all(parts, 'sub-score').map(({ part }) => ({
    parameter: text(part, 'parameter') ?? '',
    title: text(part, 'title') ?? text(part, 'parameter') ?? '',
    value: text(part, 'value') ?? '',
    score: count(part, 'score') ?? 0,
  }));
  return {
    scheme: {
      id: text(scheme, 'id') ?? 'score',
      title: text(scheme, 'title') ?? '',
      version: text(scheme, 'version'),
      source: text(scheme, 'source'),
    },
    schemeTold: scheme !== undefined,
    total: complete ? count(score, 'total') : undefined,
    atLeast: count(score, 'at-least') ?? 0,
    scored: score !== undefined && (complete || subScores.length > 0),
    label: text(score, 'label'),
    subScores,
    missing: all(parts, 'missing').map(({ part }) => ({
      parameter: text(part, 'parameter') ?? '',
      title: text(part, 'title') ?? text(part, 'parameter') ?? '',
    })),
    toConfirm: pairs(parts, 'to-confirm', 'code').map(([code, words]) => ({ code, text: words })),
    triggers: pairs(parts, 'trigger', 'id').map(([id, words]) => ({ id, text: words })),
    acuity: decided(inside(parts, 'acuity')),
    responses: all(parts, 'response').map(({ part }) => response(part)),
    nextDue: all(parts, 'next-due').flatMap(({ part }) => {
      const [what, at] = [text(part, 'what'), instant(part, 'at')];
      return what && at !== undefined ? [{ what, at, who: text(part, 'who') }] : [];
    }),
    age: age(inside(parts, 'age')),
    scale: count(parts, 'spo2-scale'),
    scaleKnown: one(parts, 'spo2-scale-known')?.valueBoolean ?? true,
  };
}

/** The age that a score is of; one that follows from the birth date needs no words. */
function age(part: Part[] | undefined): Result['age'] {
  const [basis, months] = [text(part, 'basis'), count(part, 'months')];
  if (!basis) return undefined;
  const of = months === undefined ? '' : ` (${months} months)`;
  const known: Record<string, string> = {
    'birth-date': '',
    stated: `Scored by the age that was judged${of}.`,
    'assumed-adult': 'The age is not known: scored as an adult.',
  };
  const told = text(part, 'text');
  return { basis, words: known[basis] ?? sentence(`${told ?? `the age rests on: ${basis}`}${of}`) };
}

function pairs(parts: Part[], name: string, key: string): [string, string][] {
  return all(parts, name).map(({ part }) => [text(part, key) ?? '', text(part, 'text') ?? '']);
}

function decided(part: Part[] | undefined): Decided | undefined {
  if (!part) return undefined;
  return {
    level: count(part, 'level'),
    computed: count(part, 'computed'),
    why: text(part, 'why'),
    reasonNeeded: text(part, 'reason-needed'),
    unassessed: text(part, 'unassessed'),
  };
}

function response(part: Part[] | undefined): Result['responses'][number] {
  const [review, observe] = [count(part, 'review-within'), count(part, 'observe-within')];
  return {
    text: text(part, 'text') ?? '',
    who: text(part, 'who'),
    ...(review === undefined ? {} : { review }),
    ...(observe === undefined ? {} : { observe }),
  };
}

/** `at once`, `within 30 min`, `within 6 h`. */
export function withinMinutes(minutes: number): string {
  if (minutes === 0) return 'at once';
  return minutes % 60 === 0 && minutes > 60 ? `within ${minutes / 60} h` : `within ${minutes} min`;
}
