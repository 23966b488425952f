import type { FhirResource, ParametersParameter } from 'fhir/r4';

/** A parameter of an operation, or a part of one. */
export type Part = ParametersParameter;

/** The parameters of an answer. */
export function parametersOf(answer: FhirResource): Part[] {
  return answer.resourceType === 'Parameters' ? (answer.parameter ?? []) : [];
}

/** A part that refers to something, such as `Patient/7`. */
export function refer(name: string, reference: string): Part {
  return { name, valueReference: { reference } };
}

/** All parts of a name. */
export function all(parts: Part[] | undefined, name: string): Part[] {
  return parts?.filter((part) => part.name === name) ?? [];
}

/** The first part of a name. */
export function one(parts: Part[] | undefined, name: string): Part | undefined {
  return parts?.find((part) => part.name === name);
}

/** The parts of the first part of a name. */
export function inside(parts: Part[] | undefined, name: string): Part[] | undefined {
  return one(parts, name)?.part;
}

/** What a part says in letters: string, code, date or instant. */
export function text(parts: Part[] | undefined, name: string): string | undefined {
  const part = one(parts, name);
  return (
    part?.valueString ??
    part?.valueCode ??
    part?.valueDate ??
    part?.valueInstant ??
    part?.valueDateTime
  );
}

/** A whole number. */
export function count(parts: Part[] | undefined, name: string): number | undefined {
  return one(parts, name)?.valueInteger;
}

/** Yes or no; what is not said is no. */
export function truth(parts: Part[] | undefined, name: string): boolean {
  return one(parts, name)?.valueBoolean ?? false;
}

/** An instant in milliseconds since 1970. */
export function instant(parts: Part[] | undefined, name: string): number | undefined {
  const at = Date.parse(text(parts, name) ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/** The id in a reference of a type, without the version. */
export function idOf(parts: Part[] | undefined, name: string): string | undefined {
  return one(parts, name)?.valueReference?.reference?.split('/')[1];
}
