/**
 * Where the time of one verification goes: the engine's own steps, each with all those before it, in one run.
 *
 * `npm run bench:token-anatomy -- [--json] [--quick] [--write]`
 */
import crypto from "node:crypto";
import { createVerifier, importKeyObject, keySet } from "@countersign/token";
import { createOpener, parseAsciiSegment } from "../packages/token/src/compact.ts";
import { materialOf } from "../packages/token/src/keys.ts";
import { contest, type Rounds, synchronous, type Timing } from "./contest.ts";
import { readFlags } from "./flags.ts";
import { describeMachine, installedVersion } from "./machine.ts";
import { table, writeSection } from "./results-page.ts";
import { median } from "./spread.ts";
import { audience, type BenchAlgorithm, issuer, makeKeyPair, makeTokenPool } from "./token/materials.ts";

interface Result {
  readonly bench: "token-anatomy";
  readonly case: string;
  readonly step: string;
  /** Of this step alone. */
  readonly us: number;
  readonly share: number;
}

const flags = readFlags("token-anatomy");

const plan: Rounds = flags.quick
  ? { rounds: 7, blockMs: 25, warmUpMs: 60 }
  : { rounds: 21, blockMs: 100, warmUpMs: 400 };
const version = installedVersion("@countersign/token");

async function anatomyOf(algorithm: BenchAlgorithm): Promise<Result[]> {
  const pair = makeKeyPair(algorithm);
  const pool = makeTokenPool(pair, "usual", 500);
  const key = importKeyObject(algorithm, pair.publicKey, { kid: "2026-11" });
  const keys = keySet([key]);
  const { verify: verifySignature, signatureLength } = materialOf(keys.keys[0] ?? key);
  const open = createOpener(keys, "jwt");
  const verify = createVerifier({ keys, type: "JWT", issuer, audience });
  const decoded = Buffer.alloc(8192);
  const textOf = (payload: string): string =>
    decoded.toString("utf8", 0, decoded.write(payload, 0, "base64url"));

  const steps: readonly (readonly [step: string, work: (token: string) => unknown])[] = [
    [
      "signature over the token's bytes",
      (token) => verifySignature(token, token.length - signatureLength - 1),
    ],
    ["header known, three parts", open],
    ["payload from base64url to text", (token) => textOf(open(token).payload)],
    ["`JSON.parse`", (token) => JSON.parse(textOf(open(token).payload)) as unknown],
    ["canonical base64url, UTF-8, no name twice, depth", (token) => parseAsciiSegment(open(token).payload)],
    ["claims and time", verify],
  ];
  const contenders = steps.map(([peer, work]) => synchronous({ peer, version }, pool.fresh, work));
  const timings = await contest(contenders, plan);
  const whole = wallClockOf([...timings.values()].at(-1) ?? []);
  let before = 0;
  return Array.from(timings, ([{ peer }, timing]) => {
    const us = wallClockOf(timing);
    const alone = us - before;
    before = us;
    return {
      bench: "token-anatomy",
      case: `verify ${algorithm}`,
      step: peer,
      us: Number(alone.toFixed(3)),
      share: Number((alone / whole).toFixed(3)),
    } as const;
  });
}

function wallClockOf(timings: readonly Timing[]): number {
  return median(timings.map(({ us }) => us));
}

/** What the calls of `node:crypto` alone take, on bytes that lie ready. */
async function hashFloor(): Promise<number> {
  const message = Buffer.alloc(64 + 330, "m");
  const outer = Buffer.alloc(96, "o");
  const twice = (): string => crypto.hash("sha256", message, "hex") + crypto.hash("sha256", outer, "hex");
  const contender = synchronous(
    { peer: "two hashes", version },
    (size) => Array.from({ length: size }, () => 0),
    twice,
  );
  return wallClockOf((await contest([contender], plan)).get(contender) ?? []);
}

const results: Result[] = [];
for (const algorithm of ["HS256", "RS256", "ES256", "Ed25519"] as const) {
  // oxlint-disable-next-line no-await-in-loop -- cases must not run at the same time
  const found = await anatomyOf(algorithm);
  results.push(...found);
  for (const result of found) {
    process.stdout.write(
      `${flags.json ? JSON.stringify(result) : `${result.case.padEnd(16)} ${result.step.padEnd(50)} ${result.us} µs, ${Math.round(result.share * 100)} %`}\n`,
    );
  }
}
const hashes = (await hashFloor()).toFixed(2);
if (!flags.json) process.stdout.write(`the two hash calls of an HMAC alone: ${hashes} µs\n`);

if (flags.write) {
  const names = [...new Set(results.map(({ step }) => step))];
  const algorithms = [...new Set(results.map((result) => result.case))];
  const cell = (step: string, name: string): string => {
    const result = results.find((one) => one.step === step && one.case === name);
    return result === undefined ? "" : `${result.us} (${Math.round(result.share * 100)} %)`;
  };
  const rows = names.map((step) => [step, ...algorithms.map((name) => cell(step, name))]);
  writeSection(
    "Where the time of a verification goes",
    `\`npm run bench:token-anatomy -- --write\`: ${describeMachine()}. Each step is timed with all those before it, and the time before it is taken off; ` +
      `medians of ${plan.rounds} interleaved rounds, fresh tokens of the usual size, microseconds. The two hash calls of an HMAC take ${hashes} µs ` +
      `of the first line by themselves.\n\n${table(["step", ...algorithms], rows)}`,
  );
}
