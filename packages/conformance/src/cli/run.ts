// One run of the command: says what it will do, does it, reports.
import { readFile, writeFile } from "node:fs/promises";
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
    else throw error;
    return 2;
  }
}

async function attackAsTold(options: CliOptions, { out, err, interactive }: Streams): Promise<0 | 1> {
  const { url, token, requestsPerSecond, json, junitFile } = options;
  const material: UrlMaterial = { token, ...(await keysAsTold(options)) };
  const cases = casesForUrl(material).length;
  err(announcement(options, cases));
  const progress = createProgress(`${url.origin}${url.pathname}`, interactive, err);
  const report = await attackUrl({ ...material, url, requestsPerSecond, onResult: progress.step });
  progress.end();
  const target = `${url.origin}${url.pathname}`;
  if (junitFile !== undefined) await writeFile(junitFile, junit(target, report));
  if (json) for (const result of report.results) out(`${jsonLine(target, null, result)}\n`);
  else out(`\n${table(target, report)}`);
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

function announcement({ url, jwks, requestsPerSecond }: CliOptions, cases: number): string {
  const keysFrom = jwks === undefined ? "" : `The key set was read from ${jwks.origin}${jwks.pathname}. `;
  return [
    `About to pose ${cases} cases to ${url.origin}${url.pathname}: GET and HEAD requests with forged, broken and`,
    `valid credentials, at most ${requestsPerSecond} a second. ${keysFrom}Nothing else is contacted, redirects`,
    "are not followed; a listener on 127.0.0.1 notices if the target follows a link in a token.",
    "",
    "",
  ].join("\n");
}
