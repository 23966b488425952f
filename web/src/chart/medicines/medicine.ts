import type { FhirResource, MedicationRequest, MedicationStatement } from 'fhir/r4';
import { words } from '../../fhir/codes.ts';
import { doses } from './dose.ts';

/** What somebody is to take, or says that they take. */
export type Taken = MedicationRequest | MedicationStatement;

/** What it is, as far as the entry itself says. */
export function named(entry: Taken): string | undefined {
  const { medicationReference: reference } = entry;
  const contained = entry.contained as FhirResource[] | undefined;
  const within = contained?.find((r) => reference?.reference === `#${r.id}`);
  return (
    words(entry.medicationCodeableConcept) ??
    reference?.display ??
    (within?.resourceType === 'Medication' ? words(within.code) : undefined)
  );
}

/** The same for where nothing can be looked up. */
export function medicine(entry: Taken): string {
  return named(entry) ?? 'Medicine not named';
}

/** How it is taken. */
export function dose(entry: Taken): string | undefined {
  return doses(instructions(entry));
}

/** The route, where the words of the dose do not say it. */
export function route(entry: Taken): string | undefined {
  return words(instructions(entry)[0]?.route);
}

/** When it was prescribed or told. */
export function written(entry: Taken): string | undefined {
  if (entry.resourceType === 'MedicationRequest') return entry.authoredOn;
  return entry.effectiveDateTime ?? entry.effectivePeriod?.start ?? entry.dateAsserted;
}

const instructions = (entry: Taken) =>
  (entry.resourceType === 'MedicationRequest' ? entry.dosageInstruction : entry.dosage) ?? [];
