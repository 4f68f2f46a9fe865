// What has to hold on every page: light and dark, narrow and wide, axe finds nothing and nothing hangs over. The full run,
// and TEST_PICTURES=1, look at each in all of its combinations, and take pictures on the way.
import axe from "axe-core";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** For people to look at; git ignores it. */
const folder = fileURLToPath(new URL("../reports/screens", import.meta.url));

const sizes = {
  narrow: { width: 390, height: 844 },
  middle: { width: 900, height: 900 },
  wide: { width: 1440, height: 900 },
} as const;

const looksAtAll = process.env["TEST_FULL"] === "1" || process.env["TEST_PICTURES"] === "1";

/** In short: what axe says of each in one of them, and the widths of the other. */
const shortly: ReadonlySet<string> = new Set(["dark narrow", "light middle", "light wide"]);

/** What changes its colour does so within 80 ms. */
const settledMs = 120;

/** Leaves the page wide and light, and nothing on it under the pointer. */
export async function expectSound(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries(sizes)) {
      if (!looksAtAll && !shortly.has(`${colorScheme} ${size}`)) continue;
      await page.setViewportSize(viewport);
      await page.waitForTimeout(settledMs);
      // Between narrow and wide the colours are the same and the layout is what may break.
      if (size === "middle" && colorScheme === "dark") continue;
      if (looksAtAll) await takePicture(page, `${name}-${size}-${colorScheme}.png`);
      expect(await overhangOf(page), `${name}, ${size}`).toEqual([]);
      if (isJudged(name, colorScheme, size))
        expect(await faultsOf(page), `${name}, ${size}, ${colorScheme}`).toEqual([]);
    }
  }
}

/** Half of the pages dark, and half of them light, unless all are looked at. */
function isJudged(name: string, colorScheme: "dark" | "light", size: string): boolean {
  if (size === "middle") return false;
  return looksAtAll || (name.length % 2 === 0) === (colorScheme === "dark");
}

async function takePicture(page: Page, file: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${file}`, fullPage: true });
}

/** What axe has to say against a page as it is now: a line for each element. */
async function faultsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run(document)");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** The elements that reach beyond the window's right edge, where the page is wider than it. */
async function overhangOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
      .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
      .map((each) => each.outerHTML.slice(0, 120))`);
}
