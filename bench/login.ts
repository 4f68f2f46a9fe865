/**
 * Log-ins beside what Argon2 alone can do on the same processors, and what is left of a protected endpoint while
 * somebody floods the login.
 *
 * `npm run bench:login -- [--json] [--quick] [--write]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { bodyOf, Connection, statusOf } from "./connection.ts";
import { readFlags } from "./flags.ts";
import { type ForkedProcess, startForked } from "./forked-process.ts";
import { makeTrust, person } from "./http/trust.ts";
import type { ServerOrder } from "./http/servers/process.ts";
import type { FloodOrder, FloodResult } from "./login/flood.ts";
import type { LoadOrder } from "./login/load.ts";
import { get, makePeople, post, sourceOf } from "./login/people.ts";
import type { LoginServerOrder } from "./login/server.ts";
import { describeMachine } from "./machine.ts";
import { table, writeSection } from "./results-page.ts";
import { median, round, rounded, spreadOf } from "./spread.ts";
import type { LoadResult } from "./steady-load.ts";

interface Result {
  readonly bench: "login";
  readonly case: string;
  readonly requests_per_second: number;
  readonly p99_ms: number;
  /** Requests per second as a share of Argon2 alone, or of the quiet endpoint, round by round: the median of the rounds. */
  readonly kept: number;
  /** Half of the rounds lie between these two. */
  readonly kept_low: number;
  readonly kept_high: number;
  /** Of the server: idle where it is quiet, at its highest where it is flooded. */
  readonly memory_mb?: number;
  /** What the flood sent. */
  readonly flood_per_second?: number;
  /** From the end of the flood until the last of it was answered. */
  readonly drained_ms?: number;
}

type Server = ForkedProcess<{ readonly port: number }>;

const flags = readFlags("login");

const plan = flags.quick
  ? { rounds: 5, runMs: 1500, floodRounds: 3, floodMs: 2500 }
  : { rounds: 16, runMs: 2000, floodRounds: 8, floodMs: 3000 };
const cores = availableParallelism();
/** Enough for no core to wait for the next log-in. */
const connections = cores * 4;
/** As many readers and as many log-ins at a time as where the goal for the protected endpoint was set. */
const protectedConnections = 100;
const floodConnections = 200;
/** The flood sends at most so many times what the server can check; each of its connections waits for its answer. */
const floodFactor = 20;
/** Before the protected endpoint is measured in a flood, its queue is to be full. */
const floodLeadMs = 500;

/** As the image of `deploy/` runs the server. */
const serverOptions = ["--max-semi-space-size=2"];
const hashingNiceness = 19;

const people = makePeople(200);
const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
const started: ForkedProcess<unknown>[] = [];
const results: Result[] = [];
try {
  const databaseUrl = `sqlite:${folder}/countersign.db`;
  const order: LoginServerOrder = { databaseUrl, dataDir: folder, hashingNiceness };
  const server = await start<{ port: number }>("login/server.ts", order, serverOptions);
  await pause(1000);
  const idleBytes = await server.ask<number>("memoryBytes");
  await signUp(server);
  const capacity = await measureLogins(server);
  await measureFlood(server, capacity, idleBytes);
} finally {
  await Promise.all(started.map((each) => each.stop()));
  rmSync(folder, { recursive: true, force: true });
}
if (flags.write) write();

async function start<Started>(
  script: string,
  order: object,
  nodeOptions: readonly string[] = [],
): Promise<ForkedProcess<Started>> {
  const forked = await startForked<Started>(new URL(script, import.meta.url), order, nodeOptions);
  started.push(forked);
  return forked;
}

/** Answers how many log-ins a second the server can check. */
async function measureLogins(server: Server): Promise<number> {
  const betterAuth = await start<{ port: number }>("http/servers/better-auth.ts", {
    trust: makeTrust(),
    variant: "signIn",
  } satisfies ServerOrder);
  const contenders = new Map<string, ForkedProcess<null>>([
    ["argon2 alone", await start<null>("login/hashing.ts", { inFlight: cores })],
    ["login countersign", await loginsTo(server, "/login", people)],
    ["login better-auth", await loginsTo(betterAuth, "/api/auth/sign-in/email", [person])],
  ]);
  const names = [...contenders.keys()];
  const rounds: Map<string, LoadResult>[] = [];
  for (let number = 0; number <= plan.rounds; number += 1) {
    const taken = new Map<string, LoadResult>();
    // There and back, so that a machine that grows busier or quieter treats all alike.
    for (const name of number % 2 === 0 ? names : names.toReversed()) {
      say(`round ${number} of ${plan.rounds}: ${name}`);
      const contender = contenders.get(name);
      if (contender !== undefined) taken.set(name, await contender.ask<LoadResult>("run", plan.runMs));
    }
    // The first one is for warming up.
    if (number > 0) rounds.push(taken);
  }
  for (const name of names) {
    const of = (taken: ReadonlyMap<string, LoadResult>): LoadResult | undefined => taken.get(name);
    publish(
      resultOf(
        name,
        rounds.map(of),
        rounds.map((taken) => taken.get("argon2 alone")),
      ),
    );
  }
  return results.find((result) => result.case === "login countersign")?.requests_per_second ?? Number.NaN;
}

function loginsTo(
  { started: { port } }: Server,
  path: string,
  who: readonly object[],
): Promise<ForkedProcess<null>> {
  const requests = who.map((one) => post(path, one));
  return start<null>("login/load.ts", { port, requests, connections } satisfies LoadOrder);
}

async function measureFlood(server: Server, capacity: number, idleBytes: number): Promise<void> {
  const { port } = server.started;
  const readers = await start<null>("login/load.ts", {
    port,
    requests: [get("/posts", await logIn(port))],
    connections: protectedConnections,
  } satisfies LoadOrder);
  const attacker = await start<null>("login/flood.ts", {
    port,
    requests: people.map(({ email }) => post("/login", { email, password: "a wrong guess, and long" })),
    connections: floodConnections,
  } satisfies FloodOrder);
  const quiet: LoadResult[] = [];
  const flooded: LoadResult[] = [];
  const floods: FloodResult[] = [];
  for (let number = 0; number <= plan.floodRounds; number += 1) {
    say(`round ${number} of ${plan.floodRounds}: protected quiet`);
    const calm = await readers.ask<LoadResult>("run", plan.floodMs);
    // The first one is for warming up.
    if (number === 0) continue;
    quiet.push(calm);
    say(`round ${number} of ${plan.floodRounds}: protected in flood`);
    const forMs = plan.floodMs + 2 * floodLeadMs;
    const flood = attacker.ask<FloodResult>("flood", { perSecond: capacity * floodFactor, forMs });
    await pause(floodLeadMs);
    flooded.push(await readers.ask<LoadResult>("run", plan.floodMs));
    floods.push(await flood);
  }
  const peakBytes = await server.ask<number>("peakMemoryBytes");
  publish({ ...resultOf("protected quiet", quiet, quiet), memory_mb: megabytes(idleBytes) });
  publish({
    ...resultOf("protected in flood", flooded, quiet),
    memory_mb: megabytes(peakBytes),
    flood_per_second: Math.round(median(floods.map(({ sentPerSecond }) => sentPerSecond))),
    drained_ms: Math.round(median(floods.map(({ drainedMs }) => drainedMs))),
  });
}

/** An account for everybody, each from an address of their own. */
async function signUp({ started: { port } }: Server): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < people.length; index = next++) {
      say(`signing up ${index + 1} of ${people.length}`);
      await answerTo(port, index, post("/signup", people[index] ?? {}), 201);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

async function logIn(port: number): Promise<string> {
  const answer = await answerTo(port, 0, post("/login", people[0] ?? {}), 200);
  return (JSON.parse(answer) as { access_token: string }).access_token;
}

async function answerTo(port: number, client: number, request: string, expected: number): Promise<string> {
  const connection = new Connection(port, sourceOf(client));
  try {
    const answer = await connection.ask(request);
    if (statusOf(answer) !== expected) throw new TypeError(answer.slice(0, answer.indexOf("\r\n")));
    return bodyOf(answer);
  } finally {
    connection.close();
  }
}

function resultOf(
  name: string,
  taken: readonly (LoadResult | undefined)[],
  reference: readonly (LoadResult | undefined)[],
): Result {
  const rate = (one: LoadResult | undefined): number => one?.requestsPerSecond ?? Number.NaN;
  const kept = rounded(spreadOf(taken.map((one, index) => rate(one) / rate(reference[index]))), 3);
  return {
    bench: "login",
    case: name,
    requests_per_second: round(median(taken.map(rate)), 1),
    p99_ms: round(median(taken.map((one) => one?.p99Ms ?? Number.NaN)), 2),
    kept: kept.median,
    kept_low: kept.low,
    kept_high: kept.high,
  };
}

function publish(result: Result): void {
  say("");
  results.push(result);
  process.stdout.write(`${flags.json ? JSON.stringify(result) : sentence(result)}\n`);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Progress, for people. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(60)}${text === "" ? "\r" : ""}`);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function sentence(result: Result): string {
  return (
    `${result.case.padEnd(20)} ${String(result.requests_per_second).padStart(8)}/s, p99 ${result.p99_ms} ms, ` +
    `keeps ${percent(result.kept)} (${percent(result.kept_low)} to ${percent(result.kept_high)})` +
    (result.memory_mb === undefined ? "" : `, ${result.memory_mb} MB`) +
    (result.flood_per_second === undefined ? "" : `, flood of ${result.flood_per_second}/s`) +
    (result.drained_ms === undefined ? "" : `, done with it after ${result.drained_ms} ms`)
  );
}

function write(): void {
  const rows = results.map((result) => [
    result.case,
    String(result.requests_per_second),
    String(result.p99_ms),
    percent(result.kept),
    `${percent(result.kept_low)} to ${percent(result.kept_high)}`,
    String(result.memory_mb ?? ""),
    String(result.flood_per_second ?? ""),
    String(result.drained_ms ?? ""),
  ]);
  const header = [
    "case",
    "requests/s",
    "p99 ms",
    "kept",
    "half of the rounds",
    "memory MB",
    "flood/s",
    "done after ms",
  ];
  const body = `\`npm run bench:login -- --write\`: ${describeMachine()}. ${plan.rounds} rounds of ${plan.runMs / 1000} s in turn, medians; server and load share all processors.

The first three lines are log-ins with the right password, ${connections} at a time: ${people.length} accounts on SQLite for Countersign, one account in memory for better-auth, which hashes with scrypt. "Kept" is their number per second as a share of what \`@node-rs/argon2\` alone does with the parameters of Countersign.

The last two are \`GET /posts\` with an access token, ${protectedConnections} at a time, first alone and then while others log in with wrong passwords on ${floodConnections} connections, each again as soon as it is answered (at most ${floodFactor} times as many as the server can check). "flood/s" is how many that came to. "Kept" is the share of the quiet endpoint's requests per second. Memory is the server's, idle and at its highest, with \`${serverOptions.join(" ")}\`, and hashes at niceness ${hashingNiceness}, as the image of \`deploy/\` has it; "done after" is how long it still worked on the flood when the flood had ended.

${table(header, rows)}`;
  writeSection("Log-ins", body);
}
