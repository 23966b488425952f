import { useEffect, useEffectEvent, useState } from 'react';
import { FhirError } from '../../fhir/outcome.ts';
import { useFhir } from '../../session/SessionContext.tsx';
import type { Part } from '../wire.ts';
import { type Result, resultOf } from './result.ts';

/** How long a hand rests before the score is asked for. */
const REST_MS = 300;

/** What the server makes of what is typed, and whether that is up to date. */
export interface Preview {
  result: Result | undefined;
  fault: FhirError | undefined;
  /** What is shown is of something typed before. */
  behind: boolean;
}

/** Asks the server what would follow, a moment after the last key; the question before is dropped. */
export function usePreview(encounter: string, parameter: Part[], begun: boolean): Preview {
  const fhir = useFhir();
  const asked = begun ? JSON.stringify(parameter) : '';
  const [known, setKnown] = useState<{ asked: string; result?: Result; fault?: FhirError }>({
    asked: '',
  });
  const ask = useEffectEvent(async (signal: AbortSignal) => {
    const path = `Encounter/${encounter}/$assess`;
    try {
      const result = resultOf(await fhir.operation(path, parameter, signal));
      if (!signal.aborted) setKnown({ asked, result });
    } catch (fault) {
      if (signal.aborted) return;
      const told = fault instanceof FhirError ? fault : new FhirError(500);
      // What was known before is of other values: it is not to be taken for the score of these.
      setKnown({ asked, fault: told });
    }
  });
  useEffect(() => {
    if (!asked) return;
    const stop = new AbortController();
    const timer = setTimeout(() => void ask(stop.signal), REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked]);
  if (!asked) return { result: undefined, fault: undefined, behind: false };
  const behind = known.asked !== asked;
  return { result: known.result, fault: behind ? undefined : known.fault, behind };
}
