// The auth server and two services as real processes: log-outs reach both, and the auth server may die.
import { createClient } from "@countersign/client";
import type { Client } from "@countersign/client";
import type { AccessVerifierStatus } from "@countersign/verifier";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { newPostgresUrl } from "../../../packages/server/test/postgres.ts";
import { createProcesses, type Deployment, type Running } from "../src/processes.ts";
import { freePorts } from "./free-ports.ts";

const password = "tangerine violin ledger";
const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
afterAll(() => rmSync(dataDir, { recursive: true }));

interface Person {
  readonly client: Client;
  readonly token: string;
}

async function logIn(url: string, name: string): Promise<Person> {
  const client = createClient({ baseUrl: url });
  const email = `${name}@example.com`;
  await client.signup({ email, password });
  const { access_token: token } = await client.login({ email, password });
  return { client, token };
}

async function call(service: Running, token: string): Promise<number> {
  const path = service === services.orders ? "/orders" : "/reports";
  const response = await fetch(service.url + path, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
}

/** A service that started before the auth server finds it by itself, a moment later. */
async function untilFollowing(service: Running): Promise<void> {
  const isFollowing = async (): Promise<boolean> => {
    const { keys, revocations } = await statusOf(service);
    return keys.state === "fresh" && revocations.connected && revocations.state === "fresh";
  };
  await vi.waitUntil(isFollowing, { timeout: 15_000 });
}

async function statusOf(service: Running): Promise<AccessVerifierStatus> {
  const response = await fetch(`${service.url}/status`);
  return (await response.json()) as AccessVerifierStatus;
}

/** Logs out and gives back how many milliseconds the slower of the services took to refuse. */
async function logOut({ client, token }: Person): Promise<number> {
  await client.logout();
  const loggedOutAt = performance.now();
  const lags = Object.values(services).map(async (service) => {
    while ((await call(service, token)) !== 401) {
      if (performance.now() - loggedOutAt > 10_000) return Infinity;
    }
    return performance.now() - loggedOutAt;
  });
  return Math.max(...(await Promise.all(lags)));
}

const services: Record<"orders" | "reports", Running> = {} as never;

const databases = {
  SQLite: async () => `sqlite:${join(dataDir, "two-services.db")}`,
  PostgreSQL: newPostgresUrl,
};

describe.each(Object.entries(databases))("with %s", (name, databaseUrl) => {
  let deployment: Deployment;
  let auth: Running;
  const processes = createProcesses();
  afterAll(processes.stop);

  beforeAll(async () => {
    const [authPort = 0, ordersPort = 0, reportsPort = 0] = await freePorts(3);
    const environment = {
      ...process.env,
      COUNTERSIGN_DATA_DIR: join(dataDir, name),
      COUNTERSIGN_DATABASE_URL: await databaseUrl(),
      MAX_STALENESS_SECONDS: "2",
    };
    deployment = { authPort, audience: "two-services", environment };
    // At the same time: a service starts without the auth server too.
    [auth, services.orders, services.reports] = await Promise.all([
      processes.startAuthServer(deployment),
      processes.startService("orders", ordersPort, deployment),
      processes.startService("reports", reportsPort, deployment),
    ]);
    await Promise.all(Object.values(services).map(untilFollowing));
  });

  test("LO-01: both services accept a token until its session logs out, and refuse it within a second", async () => {
    const ada = await logIn(auth.url, "ada");
    for (const service of Object.values(services)) expect(await call(service, ada.token)).toBe(200);
    expect(await logOut(ada)).toBeLessThan(1000);
  });

  test("N-10: with the auth server killed tokens keep working, revocations freeze and the status says so", async () => {
    const gone = await logIn(auth.url, "gone");
    const here = await logIn(auth.url, "here");
    expect(await logOut(gone)).toBeLessThan(1000);

    await auth.stop("SIGKILL");
    const killedAt = performance.now();
    for (const service of Object.values(services)) {
      const readState = async (): Promise<string> => (await statusOf(service)).revocations.state;
      while ((await readState()) !== "stale") {
        expect(await call(service, here.token)).toBe(200);
        expect(await call(service, gone.token)).toBe(401);
        expect(performance.now() - killedAt).toBeLessThan(10_000);
      }
      const { keys, revocations } = await statusOf(service);
      expect(keys).toMatchObject({ state: "fresh", count: 1 });
      expect(revocations).toMatchObject({ connected: false, lastFailure: "unreachable" });
      expect(await call(service, here.token)).toBe(200);
    }

    auth = await processes.startAuthServer(deployment);
    for (const service of Object.values(services)) {
      await untilFollowing(service);
      expect(await call(service, here.token)).toBe(200);
      expect(await call(service, gone.token)).toBe(401);
    }
    expect(await logOut(here)).toBeLessThan(1000);
  });

  test("the tour shows all that, on the services that are running", async () => {
    const portOf = ({ url }: Running): string => new URL(url).port;
    const tour = spawn(
      process.execPath,
      ["--conditions=@countersign/source", fileURLToPath(new URL("../src/tour.ts", import.meta.url))],
      {
        env: {
          ...process.env,
          AUTH_PORT: portOf(auth),
          ORDERS_PORT: portOf(services.orders),
          REPORTS_PORT: portOf(services.reports),
        },
      },
    );
    let output = "";
    tour.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    expect(await new Promise((resolve) => tour.once("close", resolve))).toBe(0);
    expect(output).toMatch(/orders API \(Express\): 200 .*\n.*reports API \(Hono\): 200 .*\nlogged out\n/);
    expect(output.match(/: 401 Bearer error="invalid_token" after \d+ ms/g)).toHaveLength(2);
  });
});

interface CommandRun {
  readonly output: () => string;
  /** As Ctrl-C in a terminal does it: the signal reaches the programs too. */
  readonly interrupt: () => void;
  readonly exitCode: Promise<number | null>;
}

function runTwoServices(environment: Record<string, string>): CommandRun {
  const env = { ...process.env, ...environment, COUNTERSIGN_DATA_DIR: join(dataDir, "one-command") };
  const cwd = fileURLToPath(new URL("../../..", import.meta.url));
  const npm = spawn("npm", ["run", "two-services"], { cwd, env, detached: true });
  let output = "";
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  return {
    output: () => output,
    interrupt: () => void process.kill(-(npm.pid as number), "SIGINT"),
    exitCode: new Promise((resolve) => npm.once("close", resolve)),
  };
}

test("one command starts all three, the APIs outlive the auth server, and Ctrl-C stops what runs", async () => {
  const [AUTH_PORT = "", ORDERS_PORT = "", REPORTS_PORT = ""] = (await freePorts(3)).map(String);
  const ports = { AUTH_PORT, ORDERS_PORT, REPORTS_PORT };
  const command = runTwoServices(ports);
  await expect.poll(command.output, { timeout: 30_000 }).toContain("npm run two-services:tour");
  const statuses = [`${ORDERS_PORT}/status`, `${REPORTS_PORT}/status`];
  for (const url of [`${AUTH_PORT}/health/ready`, ...statuses]) {
    expect((await fetch(`http://127.0.0.1:${url}`)).status).toBe(200);
  }

  const again = runTwoServices(ports);
  expect(await again.exitCode).toBe(1);
  expect(again.output()).toContain(`port ${AUTH_PORT} cannot be had; AUTH_PORT, ORDERS_PORT`);

  const [, pid] = /kill -9 (\d+)/.exec(command.output()) ?? [];
  process.kill(Number(pid), "SIGKILL");
  await expect.poll(command.output).toContain(`countersign -- serve --port ${AUTH_PORT}`);
  for (const url of statuses) expect((await fetch(`http://127.0.0.1:${url}`)).status).toBe(200);

  command.interrupt();
  await command.exitCode;
  for (const url of [`${AUTH_PORT}/health/live`, ...statuses]) {
    await expect(fetch(`http://127.0.0.1:${url}`)).rejects.toThrow(TypeError);
  }
});
