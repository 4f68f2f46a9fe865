/** A case and its bare server, measured in alternate rounds that are too short for the machine to change in between. */
import { type ForkedProcess, startForked } from "../forked-process.ts";
import type { LoadResult } from "../steady-load.ts";
import { waitedMicrosecondsOf } from "../process-time.ts";
import { pinTo, type Processors, putFirst } from "../processors.ts";
import { spreadOf } from "../spread.ts";
import type { HttpCase } from "./cases.ts";
import type { LoadOrder } from "./load.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import type { Trust } from "./trust.ts";

export interface PairPlan {
  /** How often both servers are started anew: two processes of the same program are not equally fast. */
  readonly starts: number;
  /** After each start. */
  readonly minRounds: number;
  /** After each start, on a machine so busy that fewer say too little. */
  readonly maxRounds: number;
  readonly roundMs: number;
  /** Before each round, as the other server had the processor. */
  readonly warmUpMs: number;
}

export interface Round extends LoadResult {
  /** The server's, for each request. */
  readonly cpuMicroseconds: number;
  /** What part of the round server and load waited for a processor that somebody else had. */
  readonly disturbance: number;
}

/** One round of each, next to each other. */
export interface PairOfRounds {
  readonly bare: Round;
  readonly guarded: Round;
}

export interface Pair {
  readonly guarded: HttpCase;
  readonly bare: HttpCase;
}

const connections = 32;

/**
 * Undefined where this machine lacks what the servers need.
 *
 * @throws TypeError with the case's name if any request fails
 */
export async function measurePair(
  { guarded, bare }: Pair,
  plan: PairPlan,
  trust: Trust,
  processors: Processors | undefined,
): Promise<PairOfRounds[] | undefined> {
  const taken: PairOfRounds[] = [];
  for (let start = 0; start < plan.starts; start += 1) {
    // In turn, as the first of two processes may be the luckier one.
    const order = start % 2 === 0 ? [bare, guarded] : [guarded, bare];
    const running = new Map<HttpCase | "twin", RunningServer>();
    let load: ForkedProcess<null> | undefined;
    try {
      for (const each of order) {
        const server = await startServer(each, trust);
        if (server === undefined) return undefined;
        if (processors !== undefined) {
          pinTo(processors.server, server.pid);
          putFirst(server.pid);
        }
        // A bare server is compared with another process of its own kind.
        running.set(running.has(each) ? "twin" : each, server);
      }
      const bareServer = running.get(bare);
      const guardedServer = running.get(guarded === bare ? "twin" : guarded);
      if (bareServer === undefined || guardedServer === undefined) return undefined;
      load = await startForked<null>(new URL("load.ts", import.meta.url), {
        tokens: guarded.tokens,
        token: guardedServer.token,
        trust,
        connections,
        longestMs: plan.warmUpMs + plan.roundMs,
      } satisfies LoadOrder);
      if (processors !== undefined) {
        pinTo(processors.load, load.pid);
        putFirst(load.pid);
      }
      taken.push(...(await takeTurns(load, bareServer, guardedServer, plan)));
    } catch (error) {
      throw new TypeError(`${guarded.name}: ${error instanceof Error ? error.message : "failed"}`, {
        cause: error,
      });
    } finally {
      await load?.stop();
      await Promise.all([...running.values()].map((server) => server.stop()));
    }
  }
  return taken;
}

async function takeTurns(
  load: ForkedProcess<null>,
  bareServer: RunningServer,
  guardedServer: RunningServer,
  plan: PairPlan,
): Promise<PairOfRounds[]> {
  for (const server of [bareServer, guardedServer]) await warmUp(load, server);
  const taken: PairOfRounds[] = [];
  while (taken.length < plan.minRounds || (taken.length < plan.maxRounds && !isSettled(taken))) {
    await load.ask("prepare");
    // There and back, so that a machine that grows busier or quieter treats both alike.
    if (taken.length % 2 === 0) {
      const bare = await oneRound(load, bareServer, plan);
      taken.push({ bare, guarded: await oneRound(load, guardedServer, plan) });
    } else {
      const guarded = await oneRound(load, guardedServer, plan);
      taken.push({ bare: await oneRound(load, bareServer, plan), guarded });
    }
  }
  return taken;
}

/** Until the server has worked for so long: on a busy machine that may take a while. */
const warmUpCpuMicroseconds = 600_000;
const longestWarmUpMs = 5000;

async function warmUp(load: ForkedProcess<null>, server: RunningServer): Promise<void> {
  const started = performance.now();
  const before = await server.cpuMicroseconds();
  while (
    (await server.cpuMicroseconds()) - before < warmUpCpuMicroseconds &&
    performance.now() - started < longestWarmUpMs
  ) {
    await load.ask("prepare");
    await load.ask("open", { port: server.port, warmUpMs: 300 });
    await load.ask("close");
  }
}

/** The meter is read while the server has nothing to do: all that it counts was done for the requests of this round. */
async function oneRound(
  load: ForkedProcess<null>,
  server: RunningServer,
  { warmUpMs, roundMs }: PairPlan,
): Promise<Round> {
  await load.ask("open", { port: server.port, warmUpMs });
  const waited = (): number => waitedMicrosecondsOf(server.pid) + waitedMicrosecondsOf(load.pid);
  const waitedBefore = waited();
  const before = await server.cpuMicroseconds();
  const result = await load.ask<LoadResult>("run", roundMs);
  const after = await server.cpuMicroseconds();
  const disturbance = (waited() - waitedBefore) / 1000 / roundMs;
  await load.ask("close");
  return { ...result, cpuMicroseconds: (after - before) / result.requests, disturbance };
}

/** The bare server's CPU time for a request divided by that of the case. */
export function keptOf({ bare, guarded }: PairOfRounds): number {
  return bare.cpuMicroseconds / guarded.cpuMicroseconds;
}

/** Rounds in which others had a processor for longer than this tell of them, too. */
const tolerableDisturbance = 0.05;

/** The pairs that nobody disturbed, if half of them are such; on a machine that is always busy, all. */
export function undisturbed(pairs: readonly PairOfRounds[]): readonly PairOfRounds[] {
  const calm = pairs.filter(
    ({ bare, guarded }) =>
      bare.disturbance <= tolerableDisturbance && guarded.disturbance <= tolerableDisturbance,
  );
  return calm.length * 2 < pairs.length ? pairs : calm;
}

const tolerableError = 0.015;

/** Whether the median of what is kept is known well enough: its standard error, told by how far the quarters lie apart. */
function isSettled(pairs: readonly PairOfRounds[]): boolean {
  const ratios = undisturbed(pairs).map(keptOf);
  const { low, high } = spreadOf(ratios);
  return (0.93 * (high - low)) / Math.sqrt(ratios.length) <= tolerableError;
}
