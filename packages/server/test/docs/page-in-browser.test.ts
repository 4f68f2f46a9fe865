import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { launchChromium } from "../../../../scripts/chromium.ts";
import { startApp } from "../app.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The full run has both. */
const looks = [
  ["dark", 390],
  ["light", 1280],
] as const;

test.each(process.env["TEST_FULL"] === "1" ? looks : looks.slice(0, 1))(
  "the reference is free of faults that axe finds, %s and %i pixels wide",
  async (colorScheme, width) => {
    const app = await startApp();
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
    });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on("request", (request) => void requests.push(new URL(request.url()).origin));
    await page.goto(`${url}/docs`);
    expect(new Set(requests)).toEqual(new Set([url]));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    for (const summary of await page.locator("summary").all()) await summary.click();
    await page.evaluate(axeSource);
    await page.evaluate("scrollTo(0, 0)");
    const { violations } = (await page.evaluate("axe.run()")) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    const shots = process.env["DOCS_SHOTS"];
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${colorScheme}-${width}.png` });
  },
);
