import { useQuery } from '@tanstack/react-query';
import type {
  FhirResource,
  Location,
  Medication,
  Organization,
  Practitioner,
  Reference,
} from 'fhir/r4';
import { useFhir } from '../session/SessionContext.tsx';
import { entries, type Fhir } from './client.ts';
import { words } from './codes.ts';
import { pick, plain } from './name.ts';

/** What can be named by the directory, and how. */
const NAMES: Record<string, Naming> = {
  Practitioner: { element: 'name', of: (r) => plain(pick((r as Practitioner).name)) },
  Organization: { element: 'name', of: (r) => (r as Organization).name },
  Location: { element: 'name', of: (r) => (r as Location).name },
  Medication: { element: 'code', of: (r) => words((r as Medication).code) },
};

interface Naming {
  element: string;
  of: (resource: FhirResource) => string | undefined;
}

interface Waiting {
  reference: string;
  tell: (name: string | null) => void;
}

/** Collects for a moment what a screen wants to know, then asks once. */
class Collector {
  #waiting: Waiting[] = [];
  readonly #fhir: Fhir;

  constructor(fhir: Fhir) {
    this.#fhir = fhir;
  }

  name(reference: string): Promise<string | null> {
    return new Promise((tell) => {
      this.#waiting.push({ reference, tell });
      if (this.#waiting.length === 1) setTimeout(() => void this.#ask(), 5);
    });
  }

  async #ask(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const known = await this.#names(new Set(waiting.map((w) => w.reference))).catch(
      () => new Map<string, string>(),
    );
    for (const { reference, tell } of waiting) tell(known.get(reference) ?? null);
  }

  async #names(references: Set<string>): Promise<Map<string, string>> {
    const byType = Map.groupBy(references, (reference) => reference.split('/')[0] ?? '');
    const types = [...byType].filter(([type]) => type in NAMES);
    const urls = types.map(([type, all]) => {
      const ids = all.map((reference) => reference.split('/')[1]).join(',');
      return `${type}?_id=${ids}&_elements=${NAMES[type]?.element}&_count=${all.length}`;
    });
    const known = new Map<string, string>();
    if (urls.length === 0) return known;
    const answers = await this.#fhir.batch(urls);
    for (const [i, [type]] of types.entries()) {
      for (const found of entries<FhirResource>(answers[i]?.resource, type as 'Practitioner')) {
        const name = NAMES[type]?.of(found);
        if (name) known.set(`${type}/${found.id}`, name);
      }
    }
    return known;
  }
}

const collectors = new WeakMap<Fhir, Collector>();

/** What a reference is called: its own words, else those of the directory. */
export function useName(reference: Reference | undefined): string | undefined {
  const fhir = useFhir();
  const address = reference?.reference ?? '';
  const type = address.split('/')[0] ?? '';
  const { data } = useQuery({
    queryKey: ['name', address],
    enabled: !reference?.display && type in NAMES,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => {
      const collector = collectors.get(fhir) ?? new Collector(fhir);
      collectors.set(fhir, collector);
      return collector.name(address);
    },
  });
  return reference?.display ?? data ?? undefined;
}
