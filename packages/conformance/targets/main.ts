// `npm run conformance`: the kit against our engine, our example API and the libraries that people use today.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { jsonLine } from "../src/report/json-lines.ts";
import { createProgress } from "../src/report/progress.ts";
import { table } from "../src/report/table.ts";
import { conformancePage } from "./page.ts";
import type { Attacked } from "./page.ts";
import { targets } from "./targets.ts";

const PAGE = new URL("../../../docs/conformance.md", import.meta.url);

const { values: options } = parseArgs({
  options: { json: { type: "boolean" }, "write-docs": { type: "boolean" }, check: { type: "boolean" } },
});

const attacked: Attacked[] = [];
let wrong = 0;
for (const target of targets) {
  const { name, version, ours } = target;
  const title = `${name} ${version}`;
  const progress = createProgress(title, process.stderr.isTTY, (text) => process.stderr.write(text));
  const report = await target.attack({ onResult: progress.step });
  progress.end();
  attacked.push({ target, report });
  if (ours) wrong += report.letIn.length + report.turnedAway.length;
  if (options.json === true) {
    for (const result of report.results) process.stdout.write(`${jsonLine(name, version, result)}\n`);
  } else {
    process.stdout.write(`${table(title, report)}\n`);
  }
}

const page = conformancePage(attacked);
if (options["write-docs"] === true) writeFileSync(PAGE, page);
if (options.check === true && readFileSync(PAGE, "utf8") !== page) {
  process.stderr.write("docs/conformance.md is out of date: npm run conformance -- --write-docs\n");
  process.exitCode = 1;
}
if (wrong > 0) process.exitCode = 1;
