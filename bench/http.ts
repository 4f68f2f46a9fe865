/**
 * One protected endpoint, `GET /posts`, behind each way to protect it, each paired with its bare server: real processes,
 * loaded from a process of its own in alternate half seconds, the servers on one processor and the load on another. CPU
 * time for a request is steadier than throughput, so the ratio is one of CPU times, pair by pair.
 *
 * `npm run bench:http -- [--json] [--quick] [--only TEXT] [--write]`
 */
import { readFlags } from "./flags.ts";
import { cases, type HttpCase } from "./http/cases.ts";
import {
  keptOf,
  measurePair,
  type PairOfRounds,
  type PairPlan,
  type Round,
  undisturbed,
} from "./http/pair.ts";
import { makeTrust } from "./http/trust.ts";
import { describeMachine } from "./machine.ts";
import { separateProcessors } from "./processors.ts";
import { table, writeSection } from "./results-page.ts";
import { median, round, rounded, type Spread, spreadOf } from "./spread.ts";

interface Result {
  readonly bench: "http";
  readonly case: string;
  readonly requests_per_second: number;
  readonly cpu_us_per_request: number;
  readonly p99_ms: number;
  /** The bare framework's CPU time for a request divided by this case's, pair by pair: the median of the pairs. */
  readonly kept: number;
  /** Half of the pairs lie between these two. */
  readonly kept_low: number;
  readonly kept_high: number;
  /** The bare framework's, in the same rounds. */
  readonly bare_cpu_us_per_request: number;
}

const flags = readFlags("http", { only: true });

const plan: PairPlan = {
  ...(flags.quick ? { starts: 2, minRounds: 4, maxRounds: 10 } : { starts: 3, minRounds: 4, maxRounds: 10 }),
  roundMs: 500,
  warmUpMs: 50,
};
const trust = makeTrust();
const processors = separateProcessors();
if (processors === undefined)
  process.stderr.write("server and load share their processors here (no taskset, or only one processor)\n");

const results: Result[] = [];
for (const guarded of cases.filter(({ name }) => name.includes(flags.only))) {
  const bare = cases.find(({ name }) => name === guarded.bare) ?? guarded;
  say(guarded.name);
  const pairs = await measurePair({ guarded, bare }, plan, trust, processors);
  say("");
  if (pairs === undefined) {
    process.stderr.write(`${guarded.name}: skipped, its packages are not installed\n`);
    continue;
  }
  const result = resultOf(guarded, undisturbed(pairs));
  results.push(result);
  process.stdout.write(`${flags.json ? JSON.stringify(result) : sentence(result)}\n`);
}
if (flags.write) write();

function resultOf({ name }: HttpCase, pairs: readonly PairOfRounds[]): Result {
  const of = (read: (one: Round) => number): number => median(pairs.map(({ guarded }) => read(guarded)));
  const kept: Spread = rounded(spreadOf(pairs.map(keptOf)), 3);
  return {
    bench: "http",
    case: name,
    requests_per_second: Math.round(of((one) => one.requestsPerSecond)),
    cpu_us_per_request: round(
      of((one) => one.cpuMicroseconds),
      1,
    ),
    p99_ms: round(
      of((one) => one.p99Ms),
      2,
    ),
    kept: kept.median,
    kept_low: kept.low,
    kept_high: kept.high,
    bare_cpu_us_per_request: round(median(pairs.map(({ bare }) => bare.cpuMicroseconds)), 1),
  };
}

/** Progress, for people. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(40)}${text === "" ? "\r" : ""}`);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function sentence(result: Result): string {
  return (
    `${result.case.padEnd(28)} ${String(result.requests_per_second).padStart(6)} requests/s, ` +
    `${result.cpu_us_per_request} µs CPU each (bare ${result.bare_cpu_us_per_request}), p99 ${result.p99_ms} ms, ` +
    `keeps ${percent(result.kept)} (${percent(result.kept_low)} to ${percent(result.kept_high)})`
  );
}

function write(): void {
  const rows = results.map((result) => [
    result.case,
    String(result.requests_per_second),
    String(result.cpu_us_per_request),
    String(result.bare_cpu_us_per_request),
    String(result.p99_ms),
    percent(result.kept),
    `${percent(result.kept_low)} to ${percent(result.kept_high)}`,
  ]);
  const header = [
    "case",
    "requests/s",
    "CPU µs each",
    "bare CPU µs each",
    "p99 ms",
    "kept",
    "half of the pairs",
  ];
  const placement =
    processors === undefined
      ? "Servers and load share all processors."
      : "Both servers run on one processor, the load on another; the load never sleeps.";
  const body = `\`npm run bench:http -- --write\`: ${describeMachine()}. The case and its bare server take turns in rounds of ${plan.roundMs} ms, at least ${plan.starts * plan.minRounds} pairs of them, and both are started anew ${plan.starts} times. ${placement} Each figure is a median. "Kept" is the bare server's CPU time for a request divided by that of the case, pair by pair; a bare server is paired with another process of its own kind, so that its line shows how exact the others are.

The floor is the least that a guard for HS256 which runs once in each request can do in Node: two hash calls and \`JSON.parse\`, with nothing judged. Ours judges requests that arrive together in a row, and they go on in a row, which the processor's caches reward. The case where nobody is judged shows what that is worth by itself. So more than 100 % is no mistake.

${table(header, rows)}`;
  writeSection("A protected endpoint over HTTP", body);
}
