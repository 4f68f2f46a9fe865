/** What docs/sessions-or-tokens.md shows of the last full run: a table and a plot, both made of the record beside this file. */
import { readFileSync, writeFileSync } from "node:fs";
import { table } from "../results-page.ts";
import { titles } from "./cases.ts";
import { drawPlot } from "./plot.ts";
import { readRecord, type RunRecord } from "./record.ts";

export const pageFile: URL = new URL("../../docs/sessions-or-tokens.md", import.meta.url);
export const plotFile: URL = new URL("../../docs/sessions-or-tokens.svg", import.meta.url);

const begin = "<!-- measured: written by npm run bench:sessions-vs-tokens -- --write -->";
const end = "<!-- /measured -->";

/** Writes both. */
export function publish(): void {
  const record = readRecord();
  writeFileSync(pageFile, pageWith(readFileSync(pageFile, "utf8"), record));
  writeFileSync(plotFile, drawPlot(record));
}

/** @throws TypeError if the page has no place for it */
export function pageWith(page: string, record: RunRecord): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new TypeError(`the page must have the lines ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${measured(record)}\n\n${page.slice(to)}`;
}

function measured({ machine, connections, rounds, results }: RunRecord): string {
  const rows = results.map((result) => [
    result.live_sessions.toLocaleString("en"),
    titles[result.method],
    String(result.instances),
    result.requests_per_second.toLocaleString("en"),
    String(result.cpu_us_per_request),
    String(result.p99_ms),
    String(result.memory_mb),
    String(result.statements_per_request),
  ]);
  const header = [
    "live sessions",
    "who asks is known by",
    "processes",
    "requests/s",
    "CPU µs each",
    "p99 ms",
    "memory MB",
    "statements each",
  ];
  return (
    `\`npm run bench:sessions-vs-tokens -- --write\`: ${machine}. ${connections} connections, medians of ${rounds} rounds in turn; ` +
    "load, servers and database share the machine, so more processes than cores gain nothing here.\n\n" +
    `![Requests per second and 99th percentile, by method and number of processes](sessions-or-tokens.svg)\n\n${table(header, rows)}`
  );
}
