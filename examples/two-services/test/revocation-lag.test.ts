// How long a log-out takes to reach verifiers that ask nobody: real processes, one auth server, three services.
import { createClient } from "@countersign/client";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAuthServer, startService } from "../src/processes.ts";
import type { Deployment, Running } from "../src/processes.ts";
import { freePorts } from "./free-ports.ts";

const logOuts = process.env["COUNTERSIGN_TEST_FULL"] === "1" ? 1000 : 40;
const atATime = 4;
const password = "tangerine violin ledger";
const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
let auth: Running;
let paths: readonly string[];
let running: readonly Running[] = [];

beforeAll(async () => {
  const [authPort = 0, ...ports] = await freePorts(4);
  const environment = { ...process.env, COUNTERSIGN_DATA_DIR: dataDir };
  const deployment: Deployment = { authPort, audience: "two-services", environment };
  auth = await startAuthServer(deployment);
  const names = ["orders", "reports", "orders"];
  const services = await Promise.all(
    names.map((name, index) => startService(name, ports[index] ?? 0, deployment)),
  );
  paths = services.map(({ url }, index) => `${url}/${names[index]}`);
  running = [auth, ...services];
});
afterAll(async () => {
  await Promise.all(running.map(({ stop }) => stop("SIGTERM")));
  rmSync(dataDir, { recursive: true });
});

async function statusAt(path: string, token: string): Promise<number> {
  const response = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
}

/** Logs in, is accepted everywhere, logs out; the lag of each verifier in milliseconds, counted from the 204. */
async function lagsOfOneLogOut(email: string): Promise<number[]> {
  const client = createClient({ baseUrl: auth.url });
  const { access_token: token } = await client.login({ email, password });
  for (const path of paths) expect(await statusAt(path, token)).toBe(200);
  await client.logout();
  const loggedOutAt = performance.now();
  return Promise.all(
    paths.map(async (path) => {
      while ((await statusAt(path, token)) === 200) await sleep(1);
      return performance.now() - loggedOutAt;
    }),
  );
}

test(`N-9 LO-01 ${logOuts} log-outs are refused by three verifiers within a second at p99`, async ({
  annotate,
}) => {
  const lags: number[] = [];
  const work = Array.from({ length: atATime }, async (_, worker) => {
    const email = `person-${worker}@example.com`;
    await createClient({ baseUrl: auth.url }).signup({ email, password });
    for (let round = 0; round < logOuts / atATime; round += 1) lags.push(...(await lagsOfOneLogOut(email)));
  });
  await Promise.all(work);
  const sorted = lags.toSorted((a, b) => a - b);
  const percentile = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Infinity;
  const [p50, p99, most] = [percentile(0.5), percentile(0.99), percentile(1)];
  await annotate(`p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${most.toFixed(1)} ms`);
  expect(sorted).toHaveLength(logOuts * paths.length);
  expect(p99).toBeLessThan(1000);
});
