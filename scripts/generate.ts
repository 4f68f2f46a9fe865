// Writes what is generated from the sources; with --check, says what is stale and fails.
// To generate another page, give it a line in `outputs`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { auditEventsPage } from "./generate/audit-events-page.ts";
import { errorsPage } from "./generate/errors-page.ts";
import { httpApiPage } from "./generate/http-api-page.ts";
import { metricsPage } from "./generate/metrics-page.ts";
import { optionTypes } from "./generate/option-types.ts";
import { optionsTable, settingsPage } from "./generate/settings-page.ts";

interface Output {
  readonly file: string;
  /** Only what stands between `<!-- NAME: … -->` and `<!-- /NAME -->`; else the whole file. */
  readonly part?: string;
  readonly text: () => string | Promise<string>;
}

const outputs: readonly Output[] = [
  { file: "packages/server/src/settings/countersign-options.ts", text: optionTypes },
  { file: "packages/server/README.md", part: "options", text: optionsTable },
  { file: "docs/reference/settings.md", text: settingsPage },
  { file: "docs/reference/errors.md", text: errorsPage },
  { file: "docs/reference/metrics.md", text: metricsPage },
  { file: "docs/reference/http-api.md", text: httpApiPage },
  { file: "docs/reference/audit-events.md", text: auditEventsPage },
];

/** The file as it should be. */
async function whole({ file, part, text }: Output): Promise<string> {
  if (part === undefined) return text();
  const standing = readFileSync(file, "utf8");
  const [, before, after] =
    new RegExp(`^([^]*<!-- ${part}: [^\n]*-->\n)[^]*(<!-- /${part} -->[^]*)$`).exec(standing) ?? [];
  if (before === undefined || after === undefined)
    throw new TypeError(`${file} has no line <!-- ${part}: … --> and <!-- /${part} --> after it`);
  return `${before}\n${await text()}\n${after}`;
}

const written = await Promise.all(
  outputs.map(async (output) => ({ file: output.file, text: await whole(output) })),
);
const stale = written.filter(({ file, text }) => !existsSync(file) || readFileSync(file, "utf8") !== text);

if (process.argv.includes("--check")) {
  if (stale.length > 0) {
    const files = stale.map(({ file }) => `  ${file}\n`).join("");
    process.stderr.write(`Stale, write them anew with npm run generate:\n${files}`);
    process.exitCode = 1;
  }
} else {
  for (const { file, text } of stale) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    process.stdout.write(`${file}\n`);
  }
}
