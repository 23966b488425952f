import type { Attendance } from '../board/board.ts';
import { ticking } from '../ticking.ts';
import { momentOf, timeOf } from '../typedTime.ts';
import { type Part, refer } from '../wire.ts';
import { vitalParts } from './vitals.ts';

/** Everything that was typed about somebody and not sent. It lives in memory, and nowhere else. */
export interface Draft {
  /** The version that was looked at when the form was opened. */
  version: string | undefined;
  values: Record<string, string>;
  /** Vitals whose unlikely value was confirmed. */
  confirmed: string[];
  /** The scale of oxygen saturation that is switched to. */
  scale: number | undefined;
  scaleReason: string;
  concerns: string[];
  lifeThreat: boolean | undefined;
  highRisk: boolean | undefined;
  resources: number | undefined;
  acuity: number | undefined;
  overrideReason: string;
  flags: string[];
  /** Flags in force that hold no more. */
  flagEnds: string[];
  /** When it was, as a time of the clock; empty for now. */
  takenAt: string;
  takenReason: string;
  /** Age in months as judged, where no birth date tells it. */
  ageMonths: string;
  area: string;
  note: string;
  bed: boolean;
}

/** A form in which nothing was typed. */
export function empty(row: Pick<Attendance, 'version'>): Draft {
  return {
    version: row.version,
    values: {},
    confirmed: [],
    scale: undefined,
    scaleReason: '',
    concerns: [],
    lifeThreat: undefined,
    highRisk: undefined,
    resources: undefined,
    acuity: undefined,
    overrideReason: '',
    flags: [],
    flagEnds: [],
    takenAt: '',
    takenReason: '',
    ageMonths: '',
    area: '',
    note: '',
    bed: false,
  };
}

/** Whether something was typed. */
export function isBegun(draft: Draft): boolean {
  const { values, note, area, takenAt, takenReason, ageMonths } = draft;
  const reasons = [draft.scaleReason, draft.overrideReason, takenReason];
  const texts = [...Object.values(values), ...reasons, note, area, takenAt, ageMonths];
  const typed = texts.some((text) => text.trim());
  const chosen = [draft.scale, draft.acuity, draft.lifeThreat, draft.highRisk, draft.resources];
  const ticked =
    draft.flags.length > 0 || draft.concerns.length > 0 || draft.flagEnds.length > 0 || draft.bed;
  return typed || ticked || chosen.some((c) => c !== undefined);
}

/**
 * Whether an acuity is named, follows from the answers, or stays as before. The server computes it;
 * this says only that it can, also while no preview arrives.
 */
export function isRated(draft: Draft, before: number | undefined): boolean {
  const { acuity, lifeThreat, highRisk, resources } = draft;
  if (acuity !== undefined || before !== undefined) return true;
  if (lifeThreat === true || highRisk === true) return true;
  return resources !== undefined && lifeThreat !== undefined && highRisk !== undefined;
}

/**
 * Whether this looks at somebody, who then has an acuity. Who is only moved or flagged, or has a bed
 * asked for, goes without.
 */
export function asksAcuity(draft: Draft, child: boolean): boolean {
  const { acuity, lifeThreat, highRisk, resources } = draft;
  const answered = [acuity, lifeThreat, highRisk, resources].some((c) => c !== undefined);
  const concerned = child && draft.concerns.length > 0;
  const measured = vitalParts(draft.values, [], child).length > 0;
  const moved = draft.area || draft.bed || draft.flags.length > 0 || draft.flagEnds.length > 0;
  return answered || concerned || measured || draft.note.trim() !== '' || !moved;
}

/** Whether a saturation was typed that nobody can score, because no one has said on which scale. */
export function lacksScale(draft: Draft, scaleKnown: boolean): boolean {
  const typed = (draft.values.spo2 ?? '').trim() !== '';
  const said = draft.scale === 1 || (draft.scale === 2 && draft.scaleReason.trim() !== '');
  return typed && !scaleKnown && !said;
}

/** From so long ago on, somebody has to say why it is entered only now. */
const LATE_MS = 10 * 60_000;

/** What is wrong with when it was, or with the age: sent like this it would be left out. */
export function sheetMistake(draft: Draft, now: Date): string | undefined {
  const months = draft.ageMonths.trim();
  if (months && !/^\d{1,4}$/.test(months)) return 'The age is a whole number of months.';
  if (!draft.takenAt.trim()) return undefined;
  const at = timeOf(draft.takenAt, now);
  if (!at) return 'When it was is written as 14:05.';
  const late = now.getTime() - at.getTime() > LATE_MS;
  return late && !draft.takenReason.trim()
    ? 'More than 10 minutes ago: say why it is entered only now.'
    : undefined;
}

/** Of whom a draft is sent, as far as it decides what is sent. */
interface Of extends Pick<Attendance, 'flags' | 'arrived'> {
  /** What is asked of children alone is sent of them alone. */
  child: boolean;
}

/** The draft as parameters of `$assess`. A preview is never bound to a version. */
export function parameters(draft: Draft, of: Of, preview: boolean, now = ticking.exact()): Part[] {
  const parts: Part[] = [{ name: 'preview', valueBoolean: preview }];
  const add = (part: Part | false | undefined) => {
    if (part) parts.push(part);
  };
  add(!preview && draft.version !== undefined && { name: 'version', valueString: draft.version });
  parts.push(...vitalParts(draft.values, draft.confirmed, of.child));
  if (draft.scale !== undefined) {
    const reason = draft.scaleReason.trim();
    add({ name: 'spo2-scale', valueInteger: draft.scale });
    add(reason !== '' && { name: 'spo2-scale-reason', valueString: reason });
  }
  add(draft.acuity !== undefined && { name: 'acuity', valueInteger: draft.acuity });
  const { lifeThreat, highRisk, resources } = draft;
  add(lifeThreat !== undefined && { name: 'life-threat', valueBoolean: lifeThreat });
  add(highRisk !== undefined && { name: 'high-risk', valueBoolean: highRisk });
  add(resources !== undefined && { name: 'resources', valueInteger: resources });
  const why = draft.overrideReason.trim();
  add(why !== '' && { name: 'override-reason', valueString: why });
  for (const concern of of.child ? draft.concerns : [])
    add({ name: 'concern', valueCode: concern });
  // One that somebody else has ended meanwhile ends no more.
  const ends = draft.flagEnds.filter((flag) => of.flags.includes(flag));
  for (const flag of ends) add({ name: 'flag-end', valueCode: flag });
  const at = momentOf(draft.takenAt, now, of.arrived);
  const late = draft.takenReason.trim();
  add(at && { name: 'at', valueInstant: at.toISOString() });
  add(at && late !== '' && { name: 'at-reason', valueString: late });
  const months = draft.ageMonths.trim();
  add(/^\d{1,4}$/.test(months) && { name: 'age-months', valueInteger: Number(months) });
  for (const flag of draft.flags) add({ name: 'flag', valueCode: flag });
  add(draft.area !== '' && refer('area', `Location/${draft.area}`));
  const note = draft.note.trim();
  add(note !== '' && { name: 'note', valueString: note });
  add(draft.bed && { name: 'bed-request', valueBoolean: true });
  return parts;
}
