import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { PASSWORD, type Server } from './server.ts';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Grey letters: coloured edges would double the size of pictures.
  '--disable-lcd-text',
];

/** Starts the browser of the machine; nothing is downloaded. */
export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ARGS, headless: true });
}

export interface Look {
  width?: number;
  height?: number;
  dark?: boolean;
}

/** A window of its own, as of a person who has just sat down; faults of its pages are collected. */
export async function open(browser: Browser, look: Look = {}): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1200, height: look.height ?? 700 },
    colorScheme: look.dark ? 'dark' : 'light',
    timezoneId: 'Europe/London',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  faults.set(page, []);
  page.on('pageerror', (error) => faults.get(page)?.push(String(error)));
  page.on('console', (message) => {
    // What was refused by intent (404 of a chart) is told by the browser too.
    const refused = /Failed to load resource/.test(message.text());
    if (message.type() === 'error' && !refused) faults.get(page)?.push(message.text());
  });
  return [context, page];
}

const faults = new WeakMap<Page, string[]>();

/** What went wrong on a page unseen: exceptions, and what the content policy forbade. */
export function faultsOf(page: Page): string[] {
  return faults.get(page) ?? [];
}

/** Signs in through the server's own pages, and waits for the first page. */
export async function signIn(page: Page, server: Server, login: string): Promise<void> {
  await enter(page, server, login);
  await page.getByRole('heading', { name: 'Here now' }).waitFor();
}

/** Signs in through the server's own pages. */
export async function enter(page: Page, server: Server, login: string): Promise<void> {
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#login').fill(login);
  await page.locator('#password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Finds somebody by what is typed, and opens the chart of the one that is named. */
export async function openChart(page: Page, typed: string, name: RegExp): Promise<void> {
  await page.getByLabel('Find a patient').fill(typed);
  await page.getByRole('region', { name: 'Found' }).getByRole('link', { name }).click();
  await page.getByRole('heading', { name: 'Active problems' }).waitFor();
}

function promised() {
  let keep = () => {};
  const kept = new Promise<void>((done) => {
    keep = done;
  });
  return { kept, keep };
}

/** Holds requests back; `asked` is kept once there is one, and `go` lets them go. */
export async function hold(page: Page, address: string | RegExp, sent = (_: string) => true) {
  const [open, asked] = [promised(), promised()];
  await page.route(address, async (route) => {
    if (sent(route.request().postData() ?? '')) {
      asked.keep();
      await open.kept;
    }
    await route.continue().catch(() => undefined);
  });
  return { asked: asked.kept, go: open.keep };
}

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

interface Axe {
  run(context: Document, options: unknown): Promise<{ violations: Violation[]; passes: unknown[] }>;
}

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** What axe-core finds against WCAG 2.2 A and AA, one line each; empty if nothing. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so that the content policy of the page may stay as it is.
  await page.evaluate(axeSource);
  // What was scrolled below the bar that stays is no target too small.
  await page.evaluate(() => scrollTo(0, 0));
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: Axe };
    const tags = [
      'wcag2a',
      'wcag2aa',
      'wcag21a',
      'wcag21aa',
      'wcag22a',
      'wcag22aa',
      'best-practice',
    ];
    const result = await axe.run(document, {
      runOnly: { type: 'tag', values: tags },
      rules: { 'target-size': { enabled: true } },
    });
    return result.violations;
  });
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
  );
}
