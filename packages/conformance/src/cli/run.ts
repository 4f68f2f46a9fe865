// One run of the command: says what it will do, does it, reports.
import { access, constants, readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { attackUrl, casesForUrl } from "../attack-url.ts";
import { fetchKeySet } from "../http/key-set.ts";
import type { UrlMaterial } from "../http/url-forge.ts";
import { UrlTargetError } from "../http/url-target-error.ts";
import { jsonLine } from "../report/json-lines.ts";
import { junit } from "../report/junit.ts";
import { createProgress } from "../report/progress.ts";
import { table } from "../report/table.ts";
import { readOptions, UsageError, USAGE } from "./options.ts";
import type { CliOptions } from "./options.ts";

/** Where the command writes: results to `out`, everything else to `err`. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal, where a line can be written over. */
  readonly interactive: boolean;
}

/** @returns the exit code: 0 nothing got in, 1 something got in, 2 it could not be judged */
export async function run(argv: readonly string[], streams: Streams, version: string): Promise<0 | 1 | 2> {
  try {
    const options = readOptions(argv);
    if (options === "help") streams.out(USAGE);
    else if (options === "version") streams.out(`${version}\n`);
    else return await attackAsTold(options, streams);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) streams.err(`${error.message}\n\n${USAGE}`);
    else if (error instanceof UrlTargetError) streams.err(`\nThe target can't be judged. ${error.message}\n`);
    else streams.err(accident(error));
    return 2;
  }
}

async function attackAsTold(options: CliOptions, { out, err, interactive }: Streams): Promise<0 | 1> {
  const { url, token, jwks, requestsPerSecond, json, junitFile } = options;
  if (junitFile !== undefined) await assertWritable(junitFile);
  if (jwks !== undefined) err(`Reading the key set at ${jwks.origin}${jwks.pathname}.\n`);
  const material: UrlMaterial = { token, ...(await keysAsTold(options)) };
  if (material.jwks?.length === 0) err("It is empty, so no attack is added.\n");
  err(announcement(options, casesForUrl(material).length));
  const progress = createProgress(`${url.origin}${url.pathname}`, interactive, err);
  const report = await attackUrl({ ...material, url, requestsPerSecond, onResult: progress.step });
  progress.end();
  const target = `${url.origin}${url.pathname}`;
  if (json) for (const result of report.results) out(`${jsonLine(target, null, result)}\n`);
  else out(`\n${table(target, report)}`);
  if (junitFile !== undefined) await writeFile(junitFile, junit(target, report));
  return report.letIn.length > 0 ? 1 : 0;
}

async function keysAsTold({ jwks, secretFile }: CliOptions): Promise<Omit<UrlMaterial, "token">> {
  return {
    ...(jwks === undefined ? {} : { jwks: await fetchKeySet(jwks) }),
    ...(secretFile === undefined ? {} : { secret: await readSecret(secretFile) }),
  };
}

async function readSecret(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError("--secret-file cannot be read.", { cause: error });
  }
}

/** Before anything is sent: a run of minutes must not end without its report. */
async function assertWritable(file: string): Promise<void> {
  try {
    await access(dirname(resolve(file)), constants.W_OK);
  } catch (error) {
    throw new UsageError("--junit cannot be written there.", { cause: error });
  }
}

function announcement({ url, requestsPerSecond }: CliOptions, cases: number): string {
  return [
    `About to pose ${cases} cases to ${url.origin}${url.pathname}: GET and HEAD requests with forged, broken and`,
    `valid credentials, at most ${requestsPerSecond} a second. Nothing else is contacted, redirects are not followed;`,
    "a listener on 127.0.0.1 notices if the target follows a link in a token.",
    "",
    "",
  ].join("\n");
}

/** A mistake of the kit's own: where it happened, without the message, which might repeat the token. */
function accident(error: unknown): string {
  const { name, stack = "" } = error instanceof Error ? error : new TypeError();
  const frames = stack.split("\n").filter((line) => line.startsWith("    at "));
  return `\nNo verdict: the kit has failed.\n${[name, ...frames].join("\n")}\n`;
}
