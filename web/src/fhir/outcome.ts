import type { OperationOutcome } from 'fhir/r4';

/** What went wrong, for people: what happened, what was kept, what to do. */
export interface Told {
  title: string;
  /** The server's own words, a sentence each. */
  details: string[];
  advice: string;
}

/** An answer that is no success. Status 0: there was no answer. */
export class FhirError extends Error {
  readonly status: number;
  readonly outcome: OperationOutcome | undefined;

  constructor(status: number, outcome?: OperationOutcome) {
    super(`status ${status}`);
    this.status = status;
    this.outcome = outcome;
  }
}

const AGAIN = 'Please try again in a moment.';

/** Titles and advice by status; what is not here is told by its hundred. */
const BY_STATUS: Record<number, [string, string]> = {
  0: [
    'No connection to the server',
    'What you see was loaded before. It is loaded again when the connection is back.',
  ],
  400: [
    'The server did not understand this',
    'Nothing was changed. Please report it with the words below.',
  ],
  401: ['You are signed out', 'Sign in again to go on.'],
  403: [
    'Your role does not allow this',
    'Nothing was changed. Sign in with another role if you have one.',
  ],
  404: ['Not there, or not for you', 'If you treat this person, say so to take access.'],
  408: ['That took too long to send', 'Nothing was changed. Please try again.'],
  409: ['This cannot be stored as it is', 'Nothing was changed. What you typed is still here.'],
  410: ['This list is too old to go on with', 'Load it again from the beginning.'],
  412: [
    'Somebody else has changed this',
    'Nothing was changed. Load it again, then repeat your change.',
  ],
  422: [
    'Something in this is not right',
    'Nothing was changed. Correct what is named below; what you typed is still here.',
  ],
  429: ['Too often in a short time', 'Nothing was changed. Please wait some minutes.'],
  503: ['The server is busy', AGAIN],
};

/** Where nobody knows whether something was stored. Nothing is sent again by itself. */
const UNSURE =
  'It may or may not have been done. It is not sent again by itself: look, then repeat.';

function byStatus(status: number, wrote: boolean): [string, string] {
  if (wrote && status === 0) return ['No answer from the server', UNSURE];
  const known = BY_STATUS[status];
  if (known) return [known[0], wrote && status === 503 ? UNSURE : known[1]];
  return status >= 500
    ? ['The server failed', wrote ? UNSURE : AGAIN]
    : ['This did not work', 'Nothing was changed.'];
}

/** Turns any failure into words. `wrote`: something was to be stored, not only read. */
export function told(fault: unknown, wrote = false): Told {
  if (!(fault instanceof FhirError)) {
    const details = fault instanceof Error ? [sentence(fault.message)] : [];
    const advice = wrote ? UNSURE : 'Go back and try again.';
    return { title: 'This page failed', details, advice };
  }
  const [title, advice] = byStatus(fault.status, wrote);
  const issues = fault.outcome?.issue ?? [];
  const details = issues
    .map((issue) => issue.diagnostics ?? issue.details?.text ?? '')
    .filter(Boolean)
    .map(sentence);
  return { title, details: [...new Set(details)], advice };
}

/** The server's texts begin small and end open. */
export function sentence(text: string): string {
  const first = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
