import type { FhirResource } from 'fhir/r4';
import type { Target } from '../times.ts';
import {
  all,
  count,
  idOf,
  inside,
  instant,
  one,
  type Part,
  parametersOf,
  text,
  truth,
} from '../wire.ts';
import { shortArea } from '../words.ts';

/** An early-warning score as the board has it. */
export interface Score {
  scheme: string;
  /** Absent while something is missing: an incomplete score has no total. */
  total: number | undefined;
  /** What the values that are there add up to. */
  atLeast: number;
  level: string | undefined;
  label: string | undefined;
  at: number | undefined;
  missing: string[];
  /** A stored score that its own values do not give. */
  contradicts: boolean;
}

/** What has to be done next, by whom. */
export interface Due {
  what: string;
  at: number;
  who: string | undefined;
}

/** Somebody in the department. Times are in ms since 1970, by the server's clock. */
export interface Attendance {
  id: string;
  /** What the writer has to have seen. */
  version: string | undefined;
  /** Nothing clinical is shown to who asks: that nothing is there says nothing. */
  closed: boolean;
  patient: string | undefined;
  name: string | undefined;
  /** By which somebody who checked in themselves is called. */
  ticket: string | undefined;
  /** Nobody has looked yet whether they are who they said they are. */
  unconfirmed: boolean;
  birthDate: string | undefined;
  gender: string | undefined;
  area: { id: string; name: string } | undefined;
  complaint: string | undefined;
  mode: string | undefined;
  arrived: number | undefined;
  status: string | undefined;
  phase: string | undefined;
  acuity: number | undefined;
  /** Somebody was assessed, and who asks may not see how urgent they were found. */
  acuityUnknown: boolean;
  initialAcuity: number | undefined;
  score: Score | undefined;
  /** Where the score is incomplete: the last one that was not. */
  lastComplete: Score | undefined;
  previousTotal: number | undefined;
  trend: string | undefined;
  flags: string[];
  /** Flags of the record that hold of the person, whatever brings them. */
  recordFlags: RecordFlag[];
  /** Why the score is as it was stored, and not computed again from its values. */
  scoreNotRecomputed: string | undefined;
  /** What in the record contradicts itself. */
  contradicts: string | undefined;
  /** When somebody who is not here yet is expected. */
  eta: number | undefined;
  /** So many values are dated ahead of when they were stored, and count for nothing. */
  ahead: number;
  due: Due | undefined;
  /** What is due besides, the next first. */
  dueToo: Due[];
  targets: Target[];
  bedRequested: boolean;
}

/** A flag that belongs to the record and to no attendance. */
export interface RecordFlag {
  /** Which of the kinds of the department it is, if one of them. */
  code: string | undefined;
  text: string;
}

/** A table that the board works by. */
export interface Table {
  id: string;
  title: string;
  /** A table of the site, and no national one. */
  own: boolean;
}

/** The board at an instant, in the order in which people are to be seen. */
export interface Board {
  at: number;
  /** When the answer came, by this machine's clock. */
  received: number;
  rows: Attendance[];
  /** Who is announced and not here yet, the next first. */
  expected: Attendance[];
  /** Whose waits and intervals count, and which clocks run. */
  tables: { triage: Table | undefined; clocks: Table | undefined };
  /** The parts that rows were read from, to keep those that did not change. */
  sources: Map<string, { json: string; row: Attendance }>;
}

const NONE: ReadonlyMap<string, string> = new Map();

/**
 * Reads an answer of `$board`. Rows that say the same are the same objects as before. `places` has
 * names for areas that come without one, by id. To who is shown nothing clinical, rows are `closed`.
 */
export function boardOf(
  answer: FhirResource,
  received: number,
  before?: Board,
  places: ReadonlyMap<string, string> = NONE,
  closed = false,
): Board {
  const parts = parametersOf(answer);
  const sources: Board['sources'] = new Map();
  const rows: Attendance[] = [];
  const read = (id: string, part: Part[] | undefined) => {
    const row = attendance(id, part, places);
    return closed ? close(row) : row;
  };
  for (const { part } of all(parts, 'encounter')) {
    const id = idOf(part, 'encounter');
    if (!id || sources.has(id)) continue;
    const json = JSON.stringify(part);
    const known = before?.sources.get(id);
    const row = known?.json === json ? known.row : read(id, part);
    sources.set(id, { json, row });
    rows.push(row);
  }
  const expected = all(parts, 'expected').flatMap(({ part }) => {
    const id = idOf(part, 'encounter');
    return id ? [read(id, part)] : [];
  });
  expected.sort((a, b) => (a.eta ?? 0) - (b.eta ?? 0));
  const tables = { triage: table(parts, 'triage-scheme'), clocks: table(parts, 'clocks') };
  return { at: instant(parts, 'at') ?? received, received, rows, expected, tables, sources };
}

/** A table that the answer names. */
function table(parts: Part[], name: string): Table | undefined {
  const part = inside(parts, name);
  const id = text(part, 'id');
  return id ? { id, title: text(part, 'title') ?? id, own: truth(part, 'own') } : undefined;
}

/** By which tables the board works, in a line; nothing where it names none. */
export function tablesLine({ triage, clocks }: Board['tables']): string {
  const of = (what: string, named: Table | undefined) =>
    named && `${what}: ${named.title}${named.own ? ' (the site\u2019s own table)' : ''}`;
  return [of('Triage', triage), of('Clocks', clocks)].filter(Boolean).join('. ');
}

/**
 * What is told of acuity, due times and phases to who sees none of the values behind them is that
 * nobody was assessed: it is not shown, rather than shown wrong.
 */
function close(row: Attendance): Attendance {
  const phase = row.phase === 'in-treatment' ? row.phase : undefined;
  const targets = row.targets.filter(({ id }) => id !== 'assessment');
  return {
    ...row,
    closed: true,
    acuity: undefined,
    acuityUnknown: false,
    score: undefined,
    due: undefined,
    dueToo: [],
    phase,
    targets,
  };
}

function attendance(
  id: string,
  part: Part[] | undefined,
  places: ReadonlyMap<string, string>,
): Attendance {
  const dues = all(part, 'due').flatMap((each) => due(each.part) ?? []);
  const area = one(part, 'area')?.valueReference;
  const areaId = area?.reference?.split('/')[1];
  return {
    id,
    version: text(part, 'version'),
    closed: false,
    patient: idOf(part, 'patient'),
    name: text(part, 'name'),
    ticket: text(part, 'ticket'),
    unconfirmed: truth(part, 'identity-unconfirmed'),
    birthDate: text(part, 'birthDate'),
    gender: text(part, 'gender'),
    area: areaId
      ? { id: areaId, name: shortArea(area?.display ?? places.get(areaId) ?? areaId) }
      : undefined,
    complaint: text(part, 'complaint'),
    mode: text(part, 'mode'),
    arrived: instant(part, 'arrived'),
    status: text(part, 'status'),
    phase: text(part, 'phase'),
    acuity: count(part, 'acuity'),
    acuityUnknown: truth(part, 'acuity-unknown'),
    initialAcuity: count(part, 'initial-acuity'),
    score: score(inside(part, 'score')),
    lastComplete: completeOnly(score(inside(part, 'last-complete'))),
    previousTotal: count(part, 'previous-total'),
    trend: text(part, 'trend'),
    flags: all(part, 'flag').flatMap((flag) => flag.valueCode ?? []),
    recordFlags: all(part, 'record-flag').flatMap(({ part: flag }) => {
      const [code, told] = [text(flag, 'code'), text(flag, 'text')];
      return told || code ? [{ code, text: told ?? code ?? '' }] : [];
    }),
    scoreNotRecomputed: text(part, 'score-not-recomputed'),
    contradicts: text(part, 'record-contradicts'),
    eta: instant(part, 'eta'),
    ahead: count(part, 'dated-ahead') ?? 0,
    due: dues[0],
    dueToo: dues.slice(1),
    targets: all(part, 'target').flatMap(({ part: target }) => {
      const [name, at] = [text(target, 'id'), instant(target, 'at')];
      return name && at !== undefined ? [{ id: name, at }] : [];
    }),
    bedRequested: truth(part, 'bed-requested'),
  };
}

function score(part: Part[] | undefined): Score | undefined {
  if (!part) return undefined;
  const complete = text(part, 'state') === 'complete';
  const total = complete ? count(part, 'total') : undefined;
  return {
    scheme: text(part, 'scheme') ?? 'score',
    total,
    atLeast: count(part, 'at-least') ?? total ?? 0,
    level: text(part, 'level'),
    label: text(part, 'label'),
    at: instant(part, 'at'),
    missing: all(part, 'missing').flatMap((m) => m.valueCode ?? m.valueString ?? []),
    contradicts: truth(part, 'contradicts'),
  };
}

/** What is told as complete and has no total is not believed. */
const completeOnly = (told: Score | undefined) => (told?.total === undefined ? undefined : told);

function due(part: Part[] | undefined): Due | undefined {
  const [what, at] = [text(part, 'what'), instant(part, 'at')];
  return what && at !== undefined ? { what, at, who: text(part, 'who') } : undefined;
}
