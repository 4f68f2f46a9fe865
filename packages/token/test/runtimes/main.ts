/**
 * Runs the package's suites on other runtimes, each installed from npm into a folder of its own.
 *
 * `npm run test:runtimes [-- node22 node26 bun deno workerd | --all]`; without a name, the two that CI runs.
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { build } from "rolldown";
import { install } from "./install.ts";
import type { Report } from "./run-suites.ts";
import { type Runtime, runtimes } from "./runtimes.ts";
import { writeWorkerdConfig } from "./workerd-config.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../../../..");
const cache = resolve(repository, "node_modules/.cache/countersign-runtimes");
const vectors = resolve(repository, process.env["TEST_VECTORS"] ?? "../shared/vectors");
const builtPackage = resolve(repository, "packages/token/dist/index.js");

/** The oldest Node that is supported, and the runtime that is least like it. */
const usual = ["node22", "workerd"];

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { all: { type: "boolean", default: false } },
});
const unknown = names.filter((name) => !runtimes.some((runtime) => runtime.name === name));
if (unknown.length > 0) throw new TypeError(`no such runtime: ${unknown.join(", ")}`);
const chosen = names.length > 0 ? names : usual;
const wanted = flags.all ? runtimes : runtimes.filter(({ name }) => chosen.includes(name));

async function bundle(entry: string): Promise<string> {
  const file = resolve(cache, `${entry}.mjs`);
  await build({
    input: resolve(import.meta.dirname, `${entry}.ts`),
    platform: "node",
    external: /^node:/,
    output: { file, format: "esm" },
  });
  return file;
}

async function report(runtime: Runtime): Promise<Report> {
  const [binary, file] = await Promise.all([
    install(runtime, cache),
    bundle(runtime.isProcess ? "in-process" : "in-workerd"),
  ]);
  const target = runtime.isProcess
    ? [file, vectors, builtPackage]
    : [await writeWorkerdConfig(cache, "in-workerd.mjs", vectors)];
  const { stdout } = await run(binary, [...runtime.parameters, ...target], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Report;
}

for (const runtime of wanted) {
  const start = performance.now();
  // oxlint-disable-next-line no-await-in-loop -- one at a time, they use the whole machine
  const { passed, failed, hasLatticeKeys } = await report(runtime);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const lack = hasLatticeKeys ? "" : ", no ML-DSA here";
  process.stdout.write(
    `${runtime.name} ${runtime.version}: ${passed} passed, ${failed.length} failed (${seconds} s${lack})\n`,
  );
  for (const { name, complaint } of failed.slice(0, 20)) process.stdout.write(`  ${name}: ${complaint}\n`);
  if (failed.length > 0) process.exitCode = 1;
}
