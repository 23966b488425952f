import type { Page, Request } from 'playwright-core';

const QUIET_MS = 500;

/**
 * Waits until a page has asked nothing and heard nothing for half a second, but for the stream that
 * keeps it live and never ends.
 */
export function quiet(page: Page): Promise<void> {
  const events = ['request', 'requestfinished', 'requestfailed'] as const;
  return new Promise((done) => {
    let timer = setTimeout(end, QUIET_MS);
    function end() {
      for (const event of events) page.off(event as 'request', heard);
      done();
    }
    function heard(request: Request) {
      if (request.url().includes('/$live')) return;
      clearTimeout(timer);
      timer = setTimeout(end, QUIET_MS);
    }
    for (const event of events) page.on(event as 'request', heard);
  });
}
