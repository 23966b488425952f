import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** The password of everybody who signs in in tests. */
export const PASSWORD = 'a password for tests';

/** Who can sign in: people of the synthetic population. */
const PEOPLE = [
  ['alder', 'dr-alder', 'clinician', 'northgate-hospital', 'TREAT'],
  ['birch', 'dr-birch', 'clinician', 'riverside-hospital', 'TREAT'],
  ['nurse', 'nurse-apple', 'clinician', 'northgate-hospital', 'TREAT'],
  ['desk', 'dr-almond', 'registration', 'northgate-hospital', 'TREAT'],
  ['sorrel', 'admin-sorrel', 'administrator', 'northgate-hospital', 'HOPERAT'],
] as const;

/** A real server over a fresh synthetic store, which serves the built pages. */
export class Server {
  readonly url: string;
  readonly #program: string;
  readonly #store: string;
  #process: ChildProcess;

  private constructor(program: string, store: string, url: string, process: ChildProcess) {
    this.#program = program;
    this.#store = store;
    this.url = url;
    this.#process = process;
  }

  /**
   * Makes the store, registers the app and the people, and waits until the server serves.
   * `emergency` people are in the department, `attendances` were there in the weeks before.
   */
  static async start(patients = 60, emergency = 0, attendances = 0): Promise<Server> {
    const program = process.env.ACCORD_BIN;
    if (!program) throw new Error('ACCORD_BIN names no server binary');
    const store = mkdtempSync(join(tmpdir(), 'accord-web-'));
    const accord = (args: string[], input?: string) =>
      execFileSync(program, args, { input: input ?? '', stdio: ['pipe', 'pipe', 'inherit'] });
    const people = ['--patients', `${patients}`, '--emergency', `${emergency}`];
    const made = [...people, '--attendances', `${attendances}`, '--until', 'now'];
    accord(['synth', ...made, '--data', store]);
    for (const [login, id, role, organization, purpose] of PEOPLE) {
      const who = ['--as', `Practitioner/${id}`, '--role', role, '--organization', organization];
      who.push('--purpose', purpose);
      accord(['account', '--data', store, 'add', login, ...who], PASSWORD);
    }
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const register = (id: string, name: string, ...more: string[]) =>
      accord([
        ...['client', '--data', store, 'add', '--name', name, '--id', id],
        ...['--redirect', `${url}/signed-in`, ...more],
      ]);
    const scope = 'openid fhirUser online_access user/*.cruds';
    register('accord-web', 'Accord', '--first-party', '--scope', scope);
    const kiosk =
      'openid fhirUser offline_access user/Encounter.c user/Patient.c user/Organization.r user/Location.r';
    register('accord-check-in', 'Self check-in', '--scope', kiosk);
    // The same pages as an app of somebody else, for whom people are asked.
    register('other-app', 'Other pages', '--scope', scope);
    const child = await serve(program, store, url);
    return new Server(program, store, url, child);
  }

  /** A token of the operator, for what no page does. */
  system(): string {
    const args = ['token', '--data', this.#store, '--system', 'preparing a test'];
    return execFileSync(this.#program, args, { encoding: 'utf8' }).trim();
  }

  /** A token of somebody, for what others have to do first. */
  token(principal: string, role: string, organization: string): string {
    const who = [
      '--as',
      principal,
      '--role',
      role,
      '--organization',
      `Organization/${organization}`,
    ];
    const args = ['token', '--data', this.#store, ...who];
    return execFileSync(this.#program, args, { encoding: 'utf8' }).trim();
  }

  /** Writes or reads with a token. */
  async as(token: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/fhir/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Takes the server away, as a lost connection would; what it stores stays. */
  async halt(): Promise<void> {
    const ended = new Promise((done) => this.#process.once('exit', done));
    this.#process.kill('SIGKILL');
    await ended;
  }

  /** Brings it back at the same address. */
  async resume(): Promise<void> {
    this.#process = await serve(this.#program, this.#store, this.url);
  }

  /** Ends the server for good. */
  async stop(): Promise<void> {
    const ended = new Promise((done) => this.#process.once('exit', done));
    this.#process.kill('SIGTERM');
    await ended;
    rmSync(this.#store, { recursive: true, force: true });
  }
}

/** Serves a store and the built pages at an address. */
async function serve(program: string, store: string, url: string): Promise<ChildProcess> {
  const args = ['serve', '--data', store, '--listen', new URL(url).host, '--web', resolve('dist')];
  // The log of requests would drown the report of the tests.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await serving(child);
  return child;
}

/** Waits for the line that says where it serves. */
function serving(child: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    child.once('exit', () => failed(new Error('the server ended')));
    if (!child.stdout) return failed(new Error('no output'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('serving FHIR R4 at ')) done();
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? done(address.port) : failed()));
    });
  });
}
