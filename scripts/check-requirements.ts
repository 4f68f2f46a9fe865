// Requirement ids: each that a test uses is defined in docs/reference/requirements.md, each defined one has a test, and all are spelt alike.
import { globSync, readFileSync } from "node:fs";

const page = "docs/reference/requirements.md";
const problems: string[] = [];

const defined = new Map<string, number>();
for (const [, id = ""] of readFileSync(page, "utf8").matchAll(/^- \*\*([^*]+)\*\*/gm)) {
  defined.set(id, (defined.get(id) ?? 0) + 1);
}
for (const [id, times] of defined) if (times > 1) problems.push(`${page}: ${id} is defined ${times} times`);

const families = [...new Set([...defined.keys()].map((id) => /^[A-Z]+(?=-)/.exec(id)?.[0] ?? ""))]
  .filter((family) => family.length === 2)
  .join("|");

/** Two capitals, a hyphen, two digits; the letters N and R; and a test name that begins with a case of the attack kit. */
const ids = /\b[A-Z]{2}-\d{2}\b|\b[NR]-\d{1,2}\b|(?<=["`](?:[A-Z]\d{1,2} )*)[A-Z]\d{1,2}(?= )/g;
/** A family's letters and a number in any other way: TV14, TV 14, TV_14, TV-1, tv-14, or with another dash. */
const misspelt = new RegExp(
  String.raw`\b(?:${families})(?:[ _.:\u2010-\u2015]\d{1,3}|-\d(?:\d\d)?|\d\d)\b|` +
    String.raw`\b(?:${families.toLowerCase()})-\d{2}\b`,
  "g",
);

const folders = "{packages,examples}/*/{src,test}/**/*.ts";
const used = new Set<string>();
for (const file of [...globSync(folders), ...globSync("bench/**/*.ts", { exclude: ["**/node_modules"] })]) {
  // The attack kit's own cases are its catalogue, which docs/conformance.md prints.
  const isKit = file.startsWith("packages/conformance/");
  const isTest = /\/test\//.test(file);
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    for (const [id] of line.matchAll(ids)) {
      if (isKit && !id.includes("-")) continue;
      if (isTest) used.add(id);
      if (!defined.has(id)) problems.push(`${file}:${index + 1}: ${id} is not defined in ${page}`);
    }
    for (const [text] of line.matchAll(misspelt)) {
      problems.push(
        `${file}:${index + 1}: "${text}" looks like a requirement's id; spell it as ${page} does`,
      );
    }
  }
}
for (const id of defined.keys()) if (!used.has(id)) problems.push(`${page}: no test uses ${id}`);

if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\n`);
  process.exitCode = 1;
}
