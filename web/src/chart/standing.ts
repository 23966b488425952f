import type {
  Condition,
  DiagnosticReport,
  DocumentReference,
  Encounter,
  FhirResource,
  MedicationRequest,
  MedicationStatement,
  Observation,
  Procedure,
} from 'fhir/r4';
import { has } from '../fhir/codes.ts';

/** How far what an entry says holds. Nothing of it: it holds as it stands. */
export interface Standing {
  /** It was never so, and is struck out. */
  wrong?: true;
  /** It is the contrary of what its name says, and stands before the name. */
  not?: string;
  /** What has to be known besides, behind the name. */
  mark?: string;
}

const ERROR: Standing = { wrong: true, mark: 'entered in error' };

/** Of statuses that are not what a name alone would say. */
const STATUSES: Record<string, Record<string, Standing>> = {
  MedicationRequest: {
    'on-hold': { mark: 'on hold' },
    stopped: { mark: 'stopped' },
    completed: { mark: 'completed' },
    cancelled: { not: 'Cancelled' },
    draft: { mark: 'draft' },
    unknown: { mark: 'status not known' },
  },
  MedicationStatement: {
    'not-taken': { not: 'Not taken' },
    'on-hold': { mark: 'on hold' },
    stopped: { mark: 'stopped' },
    completed: { mark: 'completed' },
    intended: { mark: 'intended' },
    unknown: { mark: 'whether it is taken is not known' },
  },
  Procedure: {
    'not-done': { not: 'Not done' },
    preparation: { mark: 'being prepared' },
    'in-progress': { mark: 'under way' },
    'on-hold': { mark: 'on hold' },
    stopped: { mark: 'stopped before its end' },
    unknown: { mark: 'status not known' },
  },
  Observation: {
    cancelled: { wrong: true, mark: 'cancelled' },
    registered: { mark: 'no result yet' },
    preliminary: { mark: 'preliminary' },
    amended: { mark: 'amended' },
    corrected: { mark: 'corrected' },
    unknown: { mark: 'status not known' },
  },
  DiagnosticReport: {
    cancelled: { wrong: true, mark: 'cancelled' },
    registered: { mark: 'no result yet' },
    partial: { mark: 'not complete' },
    preliminary: { mark: 'preliminary' },
    amended: { mark: 'amended' },
    corrected: { mark: 'corrected' },
    appended: { mark: 'added to' },
    unknown: { mark: 'status not known' },
  },
  DocumentReference: { superseded: { mark: 'superseded by another' } },
  Encounter: {
    cancelled: { not: 'Cancelled' },
    planned: { mark: 'planned' },
    unknown: { mark: 'status not known' },
  },
};

/** Of problems and diagnoses. */
const VERIFIED: Record<string, Standing> = {
  refuted: { wrong: true, mark: 'refuted' },
  'entered-in-error': ERROR,
  provisional: { mark: 'provisional' },
  differential: { mark: 'differential' },
  unconfirmed: { mark: 'unconfirmed' },
};

const INTENTS: Record<string, string> = {
  proposal: 'proposed',
  plan: 'planned',
  option: 'an option',
};

const DRAFTS: Record<string, Standing> = {
  preliminary: { mark: 'preliminary' },
  amended: { mark: 'amended' },
  'entered-in-error': ERROR,
};

/** How far an entry of a chart holds. */
export function standing(resource: FhirResource): Standing {
  const { status } = resource as Listed;
  if (status === 'entered-in-error') return ERROR;
  const by = (status && STATUSES[resource.resourceType]?.[status]) || {};
  switch (resource.resourceType) {
    case 'Condition':
      return verified(resource);
    case 'MedicationRequest':
      return and(asked(resource), by);
    case 'MedicationStatement':
      return and({ mark: 'as reported' }, by);
    case 'DocumentReference':
      return and(DRAFTS[resource.docStatus ?? ''] ?? {}, by);
    default:
      return by;
  }
}

type Listed =
  | MedicationRequest
  | MedicationStatement
  | Procedure
  | Observation
  | DiagnosticReport
  | DocumentReference
  | Encounter;

function verified({ verificationStatus }: Condition): Standing {
  const found = Object.keys(VERIFIED).find((code) => has(verificationStatus, code));
  return (found && VERIFIED[found]) || {};
}

function asked(request: MedicationRequest): Standing {
  if (request.doNotPerform) return { not: 'Do NOT give' };
  const mark = INTENTS[request.intent];
  return mark ? { mark } : {};
}

/** Both: what is wrong or not so in either is so in all, and each says what has to be known. */
function and(one: Standing, other: Standing): Standing {
  const marks = [one.mark, other.mark].filter(Boolean).join(', ');
  return { ...one, ...other, ...both(one.not, other.not), ...(marks ? { mark: marks } : {}) };
}

const both = (one?: string, other?: string) => (one && other ? { not: `${other}: ${one}` } : {});
