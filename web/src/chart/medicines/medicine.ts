import type { MedicationRequest } from 'fhir/r4';
import { words } from '../../fhir/codes.ts';
import { quantity } from '../../fhir/quantity.ts';

/** What is prescribed. */
export function medicine(request: MedicationRequest): string {
  return (
    words(request.medicationCodeableConcept) ??
    request.medicationReference?.display ??
    'Medicine not named'
  );
}

/** How it is taken, as the prescriber wrote it. */
export function dose(request: MedicationRequest): string | undefined {
  const instructions = request.dosageInstruction ?? [];
  const written = instructions.map((d) => {
    const amount = quantity(d.doseAndRate?.[0]?.doseQuantity);
    return d.text ?? ([amount, words(d.route)].filter(Boolean).join(', ') || undefined);
  });
  return written.filter(Boolean).join('; then ') || undefined;
}

/** The route, where the words of the dose do not say it. */
export function route(request: MedicationRequest): string | undefined {
  return words(request.dosageInstruction?.[0]?.route);
}
