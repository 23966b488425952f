import type { BrowserContext, Page } from 'playwright-core';

/** Ways in which people see colours, as the browser simulates them. */
export const EYES = ['protanopia', 'deuteranopia', 'tritanopia', 'achromatopsia'] as const;

/** Shows a page as somebody with these eyes sees it. */
export async function see(page: Page, type: (typeof EYES)[number] | 'none'): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setEmulatedVisionDeficiency', { type });
}

/** A page without a content policy, in which pictures can be looked at. */
export async function easel(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto('about:blank');
  return page;
}

/** How much of two pictures of the same size differs in brightness, from 0 to 1. */
export function difference(page: Page, one: Buffer, two: Buffer): Promise<number> {
  return page.evaluate(
    async ([a, b]) => {
      const pixels = async (text: string) => {
        const blob = await (await fetch(`data:image/png;base64,${text}`)).blob();
        const image = await createImageBitmap(blob);
        const canvas = new OffscreenCanvas(32, 32);
        const pen = canvas.getContext('2d');
        pen?.drawImage(image, 0, 0, 32, 32);
        return pen?.getImageData(0, 0, 32, 32).data ?? new Uint8ClampedArray();
      };
      const [p, q] = [await pixels(a ?? ''), await pixels(b ?? '')];
      const light = (from: Uint8ClampedArray, i: number) =>
        0.2126 * (from[i] ?? 0) + 0.7152 * (from[i + 1] ?? 0) + 0.0722 * (from[i + 2] ?? 0);
      let differ = 0;
      for (let i = 0; i < p.length; i += 4)
        if (Math.abs(light(p, i) - light(q, i)) > 48) differ += 1;
      return differ / (p.length / 4);
    },
    [one.toString('base64'), two.toString('base64')],
  );
}

/** The greatest contrast (WCAG) in the middle of a picture: of a letter and what it stands on. */
export function contrast(page: Page, picture: Buffer): Promise<number> {
  return page.evaluate(async (text) => {
    const blob = await (await fetch(`data:image/png;base64,${text}`)).blob();
    const image = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(image.width, image.height);
    const pen = canvas.getContext('2d');
    pen?.drawImage(image, 0, 0);
    const [x, y] = [Math.floor(image.width / 3), Math.floor(image.height / 3)];
    const data = pen?.getImageData(x, y, x, y + 4).data ?? new Uint8ClampedArray();
    const part = (value: number) => {
      const c = value / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    let [least, most] = [1, 0];
    for (let i = 0; i < data.length; i += 4) {
      const light =
        0.2126 * part(data[i] ?? 0) +
        0.7152 * part(data[i + 1] ?? 0) +
        0.0722 * part(data[i + 2] ?? 0);
      least = Math.min(least, light);
      most = Math.max(most, light);
    }
    return (most + 0.05) / (least + 0.05);
  }, picture.toString('base64'));
}

/** What can be done or read on a page: names of what is in sight and not cut off. */
export function offered(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const all = document.querySelectorAll('a, button, input, select, textarea, summary, h1, h2');
    return [...all].flatMap((element) => {
      const field = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
      const label = field ? element.labels?.[0]?.textContent : element.textContent;
      const { width, height } = element.getBoundingClientRect();
      const name = (element.getAttribute('aria-label') ?? label ?? '').trim();
      return width > 1 && height > 1 && name ? [name] : [];
    });
  });
}

/** What is wider than the window, or is cut off inside its own box. */
export function lost(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const cut = [...document.body.querySelectorAll('*')].filter((element) => {
      if (!(element instanceof HTMLElement) || element.clientWidth <= 1) return false;
      const { overflowX, overflowY, clipPath } = getComputedStyle(element);
      if (clipPath !== 'none') return false;
      const hides = (axis: string) => axis === 'hidden' || axis === 'clip';
      return (
        (hides(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
        (hides(overflowY) && element.scrollHeight > element.clientHeight + 1)
      );
    });
    const told = cut.map((element) => `cut off: ${element.outerHTML.slice(0, 140)}`);
    return wide > 0 ? [`${wide} pixels too wide`, ...told] : told;
  });
}
