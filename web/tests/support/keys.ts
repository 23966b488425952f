import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { PASSWORD, type Server } from './server.ts';

/** Somebody who has no mouse: everything goes by keys, and what has the focus must show it. */
export class Keys {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Presses Tab until what has the focus has this name; fails if there is no way, or none in sight. */
  async to(name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    const met: string[] = [];
    for (let i = 0; i < 120; i += 1) {
      const { says, shown } = await this.#focused();
      if (name.test(says)) {
        assert.equal(shown, '', `${says} has the focus and does not show it`);
        return;
      }
      met.push(says.slice(0, 30));
      await this.page.keyboard.press(key);
    }
    assert.fail(`no way by keyboard to ${name}; met ${[...new Set(met)].join(' | ')}`);
  }

  /** Goes to something and presses Enter. */
  async enter(name: RegExp): Promise<void> {
    await this.to(name);
    await this.page.keyboard.press('Enter');
  }

  /** Goes to something and presses the space bar. */
  async tick(name: RegExp): Promise<void> {
    await this.to(name);
    await this.page.keyboard.press('Space');
  }

  /** Goes to a field and types. */
  async type(name: RegExp, text: string): Promise<void> {
    await this.to(name);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  /** Goes to the first of a group of radio buttons, then by arrow to the one that is named. */
  async choose(group: RegExp, name: RegExp): Promise<void> {
    await this.to(group);
    await this.page.keyboard.press('Space');
    for (let i = 0; i < 12; i += 1) {
      const { says } = await this.#focused();
      if (name.test(says)) return;
      await this.page.keyboard.press('ArrowDown');
    }
    assert.fail(`no ${name} in ${group}`);
  }

  /** Signs in at the server's own pages. */
  async signIn(server: Server, login: string): Promise<void> {
    await this.page.goto(server.url);
    await this.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await this.enter(/Sign in/);
    await this.page.locator('#password').waitFor();
    await this.type(/^Login/, login);
    await this.type(/^Password/, PASSWORD);
    await this.page.keyboard.press('Enter');
    await this.page.getByRole('heading', { name: 'Here now' }).waitFor();
  }

  /** Its name with that of its group, and what is wrong with how it shows the focus. */
  #focused(): Promise<{ says: string; shown: string }> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      // The page and its heading have the focus when one comes: from there one goes on.
      if (!element || element.matches('body, main, h1')) return { says: '', shown: '' };
      const input = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
      const area = element instanceof HTMLTextAreaElement;
      const label = input || area ? element.labels?.[0]?.textContent : element.textContent;
      const group = element.closest('fieldset')?.querySelector('legend')?.textContent;
      const own = element.getAttribute('aria-label');
      const says = [own, label, group && `(${group})`].filter(Boolean).join(' ').trim();
      const marked = [element, element.closest('label')].some((each) => {
        if (!each) return false;
        const { outlineStyle, outlineWidth } = getComputedStyle(each);
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
      });
      const { left, top, width, height } = element.getBoundingClientRect();
      const above = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 12));
      const covered = above && !element.contains(above) && !above.contains(element);
      if (!above || covered) return { says, shown: `covered by ${above?.outerHTML.slice(0, 80)}` };
      return { says, shown: marked ? '' : 'no outline' };
    });
  }
}
