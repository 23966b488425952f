import type { Encounter, Parameters as FhirParameters, Patient } from 'fhir/r4';
import type { Page } from 'playwright-core';
import { signIn } from '../support/browser.ts';
import { NHS } from '../support/nhs.ts';
import { Server } from '../support/server.ts';

/** Tokens of the command line are short-lived. */
const TOKEN_MS = 60_000;
const ORGANIZATION = 'Organization/northgate-hospital';

/** A real server whose department has people in it. */
export class World {
  readonly server: Server;
  /** Who can arrive, in order: kept here, alive, with a number, and not here yet. */
  #numbered: Patient[] = [];
  #token = { text: '', since: 0 };

  private constructor(server: Server) {
    this.server = server;
  }

  /** Starts a server with people in its department, and attendances that ended. */
  static async start(count: number, patients = 200, ended = 0): Promise<World> {
    const world = new World(await Server.start(patients, count, ended));
    await world.#know();
    return world;
  }

  signIn(page: Page, login: string): Promise<void> {
    return signIn(page, this.server, login);
  }

  /** Somebody who is not here yet, as they are found: their number, and their family name. */
  somebody(): { id: string; family: string; typed: string } {
    const { id = '', ...patient } = this.#next();
    return { id, family: patient.name?.[0]?.family ?? '', typed: numberOf(patient) ?? '' };
  }

  /** Lets somebody arrive, or have arrived so many minutes ago. */
  async arrive(complaint: string, ago = 0): Promise<Encounter> {
    const arrived = new Date(Date.now() - ago * 60_000).toISOString();
    const late = [
      { name: 'arrived', valueDateTime: arrived },
      { name: 'reason', valueString: 'written down first' },
    ];
    const parameter = [
      ...(ago > 0 ? late : []),
      { name: 'patient', valueReference: { reference: `Patient/${this.#next().id}` } },
      { name: 'organization', valueReference: { reference: ORGANIZATION } },
      { name: 'mode', valueCode: 'walk-in' },
      { name: 'complaint', valueString: complaint },
    ];
    const asked = { resourceType: 'Parameters', parameter } as FhirParameters;
    return (await this.as('POST', 'Encounter/$arrive', asked)) as Encounter;
  }

  /** Reads or writes as the nurse. */
  as(method: string, path: string, body?: unknown): Promise<unknown> {
    if (Date.now() - this.#token.since > TOKEN_MS) {
      const text = this.server.token('Practitioner/nurse-apple', 'clinician', 'northgate-hospital');
      this.#token = { text, since: Date.now() };
    }
    return this.server.as(this.#token.text, method, path, body);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** The next who can arrive; nobody arrives twice. */
  #next(): Patient {
    const next = this.#numbered.shift();
    if (!next) throw new Error('nobody is left to arrive: start the world with more patients');
    return next;
  }

  /** Looks who could arrive: who is kept here and has a number, by which the desk finds them. */
  async #know(): Promise<void> {
    type Found = { entry?: { resource: Patient }[] };
    const found = (await this.as('GET', 'Patient?_count=1000')) as Found;
    const desk = this.server.token(
      'Practitioner/clerk-sedge',
      'registration',
      'northgate-hospital',
    );
    const kept = (await this.server.as(desk, 'GET', 'Patient?_count=1000')) as Found;
    const ours = new Set(kept.entry?.map((e) => e.resource.id));
    const here = (await this.as(
      'GET',
      'Encounter?class=EMER&status=arrived,triaged,in-progress,onleave&_count=1000',
    )) as { entry?: { resource: Encounter }[] };
    const present = new Set(here.entry?.map((e) => e.resource.subject?.reference));
    const all = found.entry?.map((e) => e.resource) ?? [];
    const people = all.filter((person) => ours.has(person.id));
    // Children are scored by another scheme; the dead do not arrive.
    const adults = people.filter((p) => (p.birthDate ?? '9') < '2006' && !p.deceasedDateTime);
    const absent = adults.filter((p) => !present.has(`Patient/${p.id}`));
    this.#numbered = absent.filter((p) => numberOf(p) !== undefined);
  }
}

/** The number by which the desk finds somebody. */
const numberOf = (patient: Patient) => patient.identifier?.find((i) => i.system === NHS)?.value;
