/**
 * Signing and verifying tokens: ours, every library from npm, and the bare crypto call, in the same run.
 *
 * `npm run bench:token -- [--json] [--quick] [--only TEXT] [--write]`
 */
import { contest, type Contender, type Rounds, type Timing } from "./contest.ts";
import { readFlags } from "./flags.ts";
import { describeMachine } from "./machine.ts";
import { table, writeSection } from "./results-page.ts";
import { median, type Spread, spreadOf } from "./spread.ts";
import { countersign } from "./token/countersign.ts";
import { fastJwt } from "./token/fast-jwt.ts";
import { floor } from "./token/floor.ts";
import { hono } from "./token/hono.ts";
import { jose } from "./token/jose.ts";
import { jsonWebToken } from "./token/jsonwebtoken.ts";
import type { Library } from "./token/library.ts";
import { type BenchAlgorithm, makeKeyPair, makeTokenPool, type PayloadSize } from "./token/materials.ts";

interface Result {
  readonly bench: "token";
  readonly case: string;
  readonly peer: string;
  readonly peer_version: string;
  /** On the wall clock, for one operation. */
  readonly ours_us: number;
  readonly peer_us: number;
  /** Theirs divided by ours, round by round: the median of the rounds. */
  readonly ratio: number;
  /** Half of the rounds lie between these two. */
  readonly ratio_low: number;
  readonly ratio_high: number;
  /** The same in CPU time: some peers hand their work to threads, which the wall clock hides. */
  readonly ours_cpu_us: number;
  readonly peer_cpu_us: number;
  readonly cpu_ratio: number;
}

interface Case {
  readonly name: string;
  readonly contenders: () => Contender[] | Promise<Contender[]>;
}

const flags = readFlags("token", { only: true });

const plan: Rounds = flags.quick
  ? { rounds: 7, blockMs: 25, warmUpMs: 60 }
  : { rounds: 12, blockMs: 150, warmUpMs: 400 };

/** Ours first: the others are compared to it. */
const libraries: readonly Library[] = [countersign, fastJwt, jsonWebToken, jose, hono, floor];

/** Fewer than the caches hold, more than any accident of the processor's branch predictor can learn. */
const poolSize = 500;

function casesOf(algorithm: BenchAlgorithm, size: PayloadSize): Case[] {
  const pair = makeKeyPair(algorithm);
  const suffix = size === "usual" ? algorithm : `${algorithm} ${size}`;
  const pool = makeTokenPool(pair, size, poolSize);
  return [
    { name: `sign ${suffix}`, contenders: () => libraries.flatMap(({ signers }) => signers(pair, size)) },
    {
      name: `verify ${suffix}`,
      contenders: async () =>
        (await Promise.all(libraries.map(async ({ verifiers }) => verifiers(pair, pool)))).flat(),
    },
    {
      name: `verify cached ${suffix}`,
      contenders: () => libraries.flatMap(({ rememberers }) => rememberers?.(pair, pool) ?? []),
    },
  ];
}

const cases: Case[] = [
  ...casesOf("HS256", "usual"),
  ...casesOf("RS256", "usual"),
  ...casesOf("ES256", "usual"),
  ...casesOf("Ed25519", "usual"),
  ...casesOf("HS256", "small"),
  ...casesOf("HS256", "large"),
].filter(({ name }) => name.includes(flags.only));

function resultsOf(name: string, timings: ReadonlyMap<Contender, readonly Timing[]>): Result[] {
  const [[, ours] = [undefined, []], ...peers] = timings;
  return peers.map(([{ peer, version }, theirs]) => {
    const ratio = ratioOf(theirs, ours, ({ us }) => us);
    return {
      bench: "token",
      case: name,
      peer,
      peer_version: version,
      ours_us: figure(median(ours.map(({ us }) => us))),
      peer_us: figure(median(theirs.map(({ us }) => us))),
      ratio: figure(ratio.median),
      ratio_low: figure(ratio.low),
      ratio_high: figure(ratio.high),
      ours_cpu_us: figure(median(ours.map(({ cpuUs }) => cpuUs))),
      peer_cpu_us: figure(median(theirs.map(({ cpuUs }) => cpuUs))),
      cpu_ratio: figure(ratioOf(theirs, ours, ({ cpuUs }) => cpuUs).median),
    };
  });
}

function ratioOf(
  theirs: readonly Timing[],
  ours: readonly Timing[],
  read: (timing: Timing) => number,
): Spread {
  return spreadOf(
    theirs.map((timing, round) => {
      const our = ours[round];
      return our === undefined ? Number.NaN : read(timing) / read(our);
    }),
  );
}

function figure(value: number): number {
  return Number(value.toPrecision(4));
}

function times(ratio: number): string {
  return ratio.toFixed(2);
}

function between({ ratio_low: low, ratio_high: high }: Result): string {
  return `${times(low)} to ${times(high)}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const results: Result[] = [];
for (const { name, contenders } of cases) {
  // oxlint-disable-next-line no-await-in-loop -- cases must not run at the same time
  const newest = resultsOf(name, await contest(await contenders(), plan));
  results.push(...newest);
  for (const result of newest) {
    print(
      flags.json
        ? JSON.stringify(result)
        : `${name.padEnd(24)} ${result.peer.padEnd(28)} ours ${result.ours_us} µs, theirs ${result.peer_us} µs: ${times(result.ratio)} times ` +
            `(${between(result)}); CPU ${result.ours_cpu_us} and ${result.peer_cpu_us} µs: ${times(result.cpu_ratio)} times`,
    );
  }
}

if (flags.write) {
  const rows = results.map((result) => [
    result.case,
    `${result.peer} ${result.peer_version}`,
    String(result.ours_us),
    String(result.peer_us),
    times(result.ratio),
    between(result),
    String(result.ours_cpu_us),
    String(result.peer_cpu_us),
    times(result.cpu_ratio),
  ]);
  const header = [
    "case",
    "peer",
    "ours",
    "theirs",
    "theirs / ours",
    "half of the rounds",
    "our CPU",
    "their CPU",
    "CPU: theirs / ours",
  ];
  writeSection(
    "Tokens",
    `\`npm run bench:token -- --write\`: ${describeMachine()}. Medians of ${plan.rounds} interleaved rounds; ratios round by round; ` +
      `${poolSize} different tokens, each a string never seen before; microseconds for one operation. What Web Crypto does (jose, hono) ` +
      "runs on other threads: with a processor to spare they finish sooner on the wall clock than their CPU time says, and a busy server has none to spare.\n\n" +
      table(header, rows),
  );
}
