/**
 * One protected endpoint, `GET /posts`, behind each way to protect it: real processes, taken in turn, loaded from a
 * process of its own. CPU time per request is steadier than throughput, so it stands beside it.
 *
 * `npm run bench:http -- [--json] [--quick] [--only TEXT] [--write]`
 */
import { median } from "./contest.ts";
import { readFlags } from "./flags.ts";
import { cases, type HttpCase } from "./http/cases.ts";
import type { LoadOrder } from "./http/load.ts";
import { type RunningServer, startServer } from "./http/running-server.ts";
import { makeTrust } from "./http/trust.ts";
import { measureUnderLoad } from "./http/under-load.ts";
import { describeMachine } from "./machine.ts";
import { table, writeSection } from "./results-page.ts";

interface Result {
  readonly bench: "http";
  readonly case: string;
  readonly requests_per_second: number;
  readonly cpu_us_per_request: number;
  readonly p99_ms: number;
  /** The bare framework's CPU time per request divided by this case's. */
  readonly kept: number | null;
}

interface Sample {
  readonly requestsPerSecond: number;
  readonly cpuMicroseconds: number;
  readonly p99Ms: number;
}

const flags = readFlags("http", { only: true });

const connections = 32;
const pace = flags.quick
  ? { rounds: 7, warmUpMs: 300, runMs: 800 }
  : { rounds: 7, warmUpMs: 1000, runMs: 4000 };
const trust = makeTrust();

const chosen = cases.filter(
  ({ name, bare }) =>
    name.includes(flags.only) ||
    cases.some((other) => other.bare === name && other.name.includes(flags.only) && bare === name),
);
const samples = new Map<string, Sample[]>();
const running = new Map<string, RunningServer>();
try {
  for (const each of chosen) {
    const server = await startServer(each, trust);
    if (server === undefined) process.stderr.write(`${each.name}: skipped, its packages are not installed\n`);
    else running.set(each.name, server);
  }
  for (let round = 1; round <= pace.rounds; round += 1) {
    // There and back, so that a machine that grows busier or quieter treats all cases alike.
    for (const each of round % 2 === 1 ? chosen : chosen.toReversed()) {
      const server = running.get(each.name);
      if (server === undefined) continue;
      const taken = samples.get(each.name) ?? [];
      samples.set(each.name, [...taken, await sample(each, server)]);
      if (process.stderr.isTTY)
        process.stderr.write(`\rround ${round} of ${pace.rounds}: ${each.name.padEnd(40)}`);
    }
  }
} finally {
  await Promise.all([...running.values()].map((server) => server.stop()));
}
if (process.stderr.isTTY) process.stderr.write("\n");

const results = chosen.flatMap((each) => {
  const taken = samples.get(each.name);
  return taken === undefined ? [] : [resultOf(each, taken)];
});
for (const result of results)
  process.stdout.write(`${flags.json ? JSON.stringify(result) : sentence(result)}\n`);
if (flags.write) write();

/** One run of the load against one server, which has the machine to itself: the other servers only wait. */
async function sample(each: HttpCase, server: RunningServer): Promise<Sample> {
  const order: LoadOrder = {
    port: server.port,
    tokens: each.tokens,
    token: server.token,
    trust,
    connections,
    warmUpMs: pace.warmUpMs,
    runMs: pace.runMs,
    staysAwake: true,
  };
  const load = new URL("http/load.ts", import.meta.url);
  const measured = await measureUnderLoad(each.name, load, order, () => server.cpuMicroseconds());
  const { requests, requestsPerSecond, p99Ms, before, after } = measured;
  return { requestsPerSecond, cpuMicroseconds: (after - before) / requests, p99Ms };
}

function resultOf(each: HttpCase, taken: readonly Sample[]): Result {
  const cpu = median(taken.map(({ cpuMicroseconds }) => cpuMicroseconds));
  const bare = samples.get(each.bare)?.map(({ cpuMicroseconds }) => cpuMicroseconds);
  return {
    bench: "http",
    case: each.name,
    requests_per_second: Math.round(median(taken.map(({ requestsPerSecond }) => requestsPerSecond))),
    cpu_us_per_request: round(cpu, 1),
    p99_ms: round(median(taken.map(({ p99Ms }) => p99Ms)), 2),
    kept: bare === undefined ? null : round(median(bare) / cpu, 3),
  };
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

function sentence(result: Result): string {
  const kept = result.kept === null ? "" : `, keeps ${Math.round(result.kept * 100)} %`;
  return `${result.case.padEnd(26)} ${String(result.requests_per_second).padStart(6)} requests/s, ${result.cpu_us_per_request} µs CPU each, p99 ${result.p99_ms} ms${kept}`;
}

function write(): void {
  const rows = results.map((result) => [
    result.case,
    String(result.requests_per_second),
    String(result.cpu_us_per_request),
    String(result.p99_ms),
    result.kept === null ? "" : `${Math.round(result.kept * 100)} %`,
  ]);
  const body = `\`npm run bench:http\`: ${describeMachine()}. ${connections} connections, ${pace.rounds} rounds in turn, medians; server and load share the machine, and the load never sleeps. The floor is the least that a guard for HS256 which runs once in each request can do in Node: two hash calls and \`JSON.parse\`, with nothing judged. Ours judges requests that arrive together in a row, and they go on in a row, which the processor's caches reward: what that is worth by itself shows where nobody is judged, and more than 100 % is no mistake.\n\n${table(["case", "requests/s", "server CPU µs each", "p99 ms", "kept of bare"], rows)}`;
  writeSection("A protected endpoint over HTTP", body);
}
