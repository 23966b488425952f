import type { BundleEntry, FhirResource, OperationOutcome } from 'fhir/r4';
import { FhirError } from './outcome.ts';

/** What one request of a batch was answered with. */
export interface Answer {
  resource?: FhirResource;
  fault?: FhirError;
}

/** The answer in an entry. What says of itself neither that it worked nor that it failed, failed. */
export function answered(entry: BundleEntry<FhirResource> | undefined): Answer {
  const status = Number.parseInt(entry?.response?.status ?? '', 10) || 502;
  if (status >= 400) return { fault: new FhirError(status, outcomeOf(entry?.response?.outcome)) };
  return entry?.resource ? { resource: entry.resource } : {};
}

/**
 * The body of an answer. An answer that says that it worked and is not what it should be did not
 * come from the server that was asked: a proxy's page, or half of one.
 */
export function bodyOf(text: string, ok: boolean): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    if (ok) throw new FhirError(502);
    return undefined;
  }
}

/** The words of the server, where a body holds them. */
export function outcomeOf(body: unknown): OperationOutcome | undefined {
  const outcome = body as OperationOutcome | undefined;
  return outcome?.resourceType === 'OperationOutcome' ? outcome : undefined;
}
