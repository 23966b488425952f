import { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from './browser.ts';

interface Behind {
  stop(): Promise<void>;
}

/**
 * Sets up what the tests of a file share, a browser and what stands behind the pages, before the
 * first of them, and takes both away after the last.
 */
export function staged<T extends Behind>(
  start: () => Promise<T>,
  take: (browser: Browser, behind: T) => void,
): void {
  let browser: Browser | undefined;
  let behind: T | undefined;
  before(async () => {
    browser = await launch();
    behind = await start();
    take(browser, behind);
  });
  after(async () => {
    await browser?.close();
    await behind?.stop();
  });
}
