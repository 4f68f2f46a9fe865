import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pageFile, pageWith, plotFile } from "../sessions-vs-tokens/page.ts";
import { drawPlot } from "../sessions-vs-tokens/plot.ts";
import { readRecord } from "../sessions-vs-tokens/record.ts";

test("docs/sessions-or-tokens.md shows the last full run, in its table and in its plot", () => {
  const record = readRecord();
  const page = readFileSync(pageFile, "utf8");
  expect(pageWith(page, record), "run npm run bench:sessions-vs-tokens -- --write").toBe(page);
  expect(drawPlot(record)).toBe(readFileSync(plotFile, "utf8"));
});

test("every case of the last full run has its bars", () => {
  const { results } = readRecord();
  const bars = drawPlot(readRecord()).match(/<rect class="(?:few|many)"/g)?.length;
  // Two panels, and two in the legend.
  expect(bars).toBe(results.length * 2 + 2);
});
