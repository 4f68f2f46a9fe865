/**
 * Signing and verifying tokens: ours, every library from npm, and the bare crypto call, in the same run.
 *
 * `npm run bench:token -- [--json] [--quick] [--only TEXT] [--write]`
 */
import { contest, type Contender, type Rounds } from "./contest.ts";
import { readFlags } from "./flags.ts";
import { describeMachine } from "./machine.ts";
import { table, writeSection } from "./results-page.ts";
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
  readonly ours_us: number;
  readonly peer_us: number;
  readonly ratio: number;
}

interface Case {
  readonly name: string;
  readonly contenders: () => Contender[] | Promise<Contender[]>;
}

const flags = readFlags("token", { only: true });

const pace: Rounds = flags.quick
  ? { rounds: 7, blockMs: 25, warmUpMs: 60 }
  : { rounds: 15, blockMs: 150, warmUpMs: 400 };

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

function resultsOf(name: string, times: ReadonlyMap<Contender, number>): Result[] {
  const [[, ours] = [undefined, Number.NaN], ...peers] = times;
  return peers.map(([{ peer, version }, microseconds]) => ({
    bench: "token",
    case: name,
    peer,
    peer_version: version,
    ours_us: rounded(ours),
    peer_us: rounded(microseconds),
    ratio: rounded(microseconds / ours),
  }));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const results: Result[] = [];
for (const { name, contenders } of cases) {
  // oxlint-disable-next-line no-await-in-loop -- cases must not run at the same time
  const newest = resultsOf(name, await contest(await contenders(), pace));
  results.push(...newest);
  for (const result of newest) {
    print(
      flags.json
        ? JSON.stringify(result)
        : `${name.padEnd(24)} ${result.peer.padEnd(28)} ours ${result.ours_us} µs, theirs ${result.peer_us} µs: ${result.ratio.toFixed(2)} times`,
    );
  }
}

if (flags.write) {
  const rows = results.map((result) => [
    result.case,
    `${result.peer} ${result.peer_version}`,
    String(result.ours_us),
    String(result.peer_us),
    result.ratio.toFixed(2),
  ]);
  writeSection(
    "Tokens",
    `\`npm run bench:token -- --write\`: ${describeMachine()}. Medians of ${pace.rounds} interleaved rounds; ${poolSize} different tokens, ` +
      "each a string never seen before; microseconds for one operation.\n\n" +
      table(["case", "peer", "ours", "theirs", "theirs / ours"], rows),
  );
}
