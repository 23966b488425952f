import { dayAndTime, nextTimeOf, timeOf } from '../typedTime.ts';
import { type Part, refer } from '../wire.ts';

/** What reception types. */
export interface Arrival {
  mode: string;
  complaint: string;
  /** Id of a place, or nothing. */
  area: string;
  /** A time of the clock, or nothing for now. */
  time: string;
  reason: string;
  /** Whether somebody said that the time is tomorrow's. */
  tomorrow: boolean;
}

/** Why an arrival is not sent as it was typed. */
export interface Refused {
  field: 'complaint' | 'time' | 'reason';
  text: string;
  /** It is sent once somebody says that tomorrow is meant. */
  asksTomorrow?: boolean;
}

/** How people come, the usual ways first. */
export const MODES = [
  'walk-in',
  'ambulance',
  'pre-alert',
  'ambulance-escort',
  'ambulance-non-emergency',
  'air-ambulance',
  'own-transport',
  'public-transport',
  'police',
  'prison',
];

/** Older than this, an arrival needs a reason. */
const LATE_MS = 10 * 60_000;
/** Further ahead than this, somebody who is expected tomorrow may have been meant for today. */
const SOON_MS = 2 * 60 * 60_000;

/** The parameters of `$arrive`, or what is wrong with what was typed. */
export function arrival(
  typed: Arrival,
  patient: string,
  organization: string,
  now: Date,
): Part[] | Refused {
  if (!typed.complaint.trim()) {
    const text = 'Say in a few words what is wrong; the board shows it.';
    return { field: 'complaint', text };
  }
  const parts = common(typed, patient, organization);
  if (typed.mode === 'pre-alert') return announced(typed, parts, now);
  if (!typed.time.trim()) return parts;
  const arrived = timeOf(typed.time, now);
  if (!arrived) return { field: 'time', text: 'The time is written as 14:05.' };
  const reason = typed.reason.trim();
  if (now.getTime() - arrived.getTime() > LATE_MS && !reason) {
    const yesterday = arrived.getDate() === now.getDate() ? '' : 'That was yesterday. ';
    const text = `${yesterday}More than 10 minutes ago: say why it is recorded only now.`;
    return { field: 'reason', text };
  }
  parts.push({ name: 'arrived', valueDateTime: arrived.toISOString() });
  if (reason) parts.push({ name: 'reason', valueString: reason });
  return parts;
}

/** Somebody whom an ambulance has announced. */
function announced(typed: Arrival, parts: Part[], now: Date): Part[] | Refused {
  const expected = nextTimeOf(typed.time, now);
  if (!expected) {
    return { field: 'time', text: 'Say when they are expected, written as 14:05.' };
  }
  const isTomorrow = expected.getDate() !== now.getDate();
  if (isTomorrow && expected.getTime() - now.getTime() > SOON_MS && !typed.tomorrow) {
    const text = `That is ${dayAndTime(expected, now)}: correct it, or say that it is right.`;
    return { field: 'time', text, asksTomorrow: true };
  }
  return [...parts, { name: 'expected', valueInstant: expected.toISOString() }];
}

function common(typed: Arrival, patient: string, organization: string): Part[] {
  const parts = [
    refer('patient', `Patient/${patient}`),
    refer('organization', `Organization/${organization}`),
    { name: 'mode', valueCode: typed.mode },
    { name: 'complaint', valueString: typed.complaint.trim() },
  ];
  if (typed.area) parts.push(refer('area', `Location/${typed.area}`));
  return parts;
}
