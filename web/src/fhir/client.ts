import type { Bundle, BundleEntry, FhirResource, Parameters } from 'fhir/r4';
import { connection } from '../shell/connection.ts';
import { type Answer, answered, bodyOf, outcomeOf } from './answer.ts';
import { FhirError } from './outcome.ts';
import { Silence } from './silence.ts';

export type { Answer } from './answer.ts';
export { entries, nextOf } from './bundle.ts';

/** Where tokens come from. */
export interface Tokens {
  /** A token that is good now. `fresh` asks for another than the last. */
  token(fresh?: boolean): Promise<string>;
}

const JSON_TYPE = 'application/fhir+json';

/** Asks the FHIR interface in the name of who is signed in. */
export class Fhir {
  readonly base: string;
  readonly #tokens: Tokens;

  constructor(base: string, tokens: Tokens) {
    this.base = base;
    this.#tokens = tokens;
  }

  /** Reads an address below the base, or a link of the server. */
  get<T extends FhirResource>(path: string): Promise<T> {
    return this.#send<T>('GET', path);
  }

  /** Sends a resource or Parameters. */
  post<T extends FhirResource>(path: string, body: FhirResource, signal?: AbortSignal): Promise<T> {
    return this.#send<T>('POST', path, JSON.stringify(body), JSON_TYPE, signal);
  }

  /** Searches by a form, so that nothing that was typed stands in an address. */
  search<T extends FhirResource>(type: string, form: [string, string][]): Promise<Bundle<T>> {
    const body = new URLSearchParams(form).toString();
    return this.#send<Bundle<T>>(
      'POST',
      `${type}/_search`,
      body,
      'application/x-www-form-urlencoded',
    );
  }

  /** Asks an operation with parameters; empty ones are not sent. */
  operation(
    path: string,
    parameter: Parameters['parameter'],
    signal?: AbortSignal,
  ): Promise<Parameters | Bundle> {
    return this.post(path, { resourceType: 'Parameters', parameter } as Parameters, signal);
  }

  /** Many reads and searches in one request; each has an answer or a fault of its own. */
  async batch(urls: string[]): Promise<Answer[]> {
    const entry: BundleEntry[] = urls.map((url) => ({ request: { method: 'GET', url } }));
    const bundle = await this.post<Bundle<FhirResource>>('', {
      resourceType: 'Bundle',
      type: 'batch',
      entry,
    });
    return urls.map((_, i) => answered(bundle?.entry?.[i]));
  }

  async #send<T>(
    method: string,
    path: string,
    body?: string,
    type?: string,
    signal?: AbortSignal,
  ): Promise<T> {
    const once = async (fresh: boolean) => {
      const headers: Record<string, string> = {
        Accept: JSON_TYPE,
        Authorization: `Bearer ${await this.#tokens.token(fresh)}`,
      };
      if (type) headers['Content-Type'] = type;
      const init = { method, headers, body: body ?? null, signal: signal ?? null };
      return reach(this.#address(path), init);
    };
    let response = await once(false);
    // A token may be called back before it ends: once more with another.
    if (response.status === 401) response = await once(true);
    const answer = await read(response, signal);
    if (!response.ok) throw new FhirError(response.status, outcomeOf(answer));
    return answer as T;
  }

  #address(path: string): string {
    if (!/^https?:/.test(path)) return path ? `${this.base}/${path}` : this.base;
    // Links of the server name the address it believes to have; only what is below its base counts.
    const below = path.slice(path.indexOf('/fhir') + '/fhir'.length);
    return `${this.base}${below}`;
  }
}

/** After so long a silence, in ms, an answer is taken for lost: a server that hangs, a dead line. */
const LATE_MS = 20_000;

/**
 * Sends a request; a lost connection is told to everybody. A long answer may take its time on a slow
 * line: what ends it is silence, before it begins and between its pieces.
 */
export async function reach(url: string, init: RequestInit, lateMs = LATE_MS): Promise<Response> {
  const silence = new Silence(lateMs);
  const signal = init.signal ? AbortSignal.any([init.signal, silence.signal]) : silence.signal;
  try {
    const response = await fetch(url, { ...init, signal, cache: 'no-store' });
    connection.found();
    return silence.until(response);
  } catch (fault) {
    silence.end();
    // Who gave up asking has not lost the connection.
    if (init.signal?.aborted) throw fault;
    connection.lost();
    throw new FhirError(0);
  }
}

/** Reads an answer to its end; one that breaks off is none. */
async function read(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  const text = await response.text().catch((fault) => {
    if (signal?.aborted) throw fault;
    connection.lost();
    throw new FhirError(0);
  });
  return bodyOf(text, response.ok);
}
