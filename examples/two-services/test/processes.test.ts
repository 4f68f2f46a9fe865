// Whatever is started here ends with whoever started it: by a signal, by a failure half-way, or killed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createProcesses } from "../src/processes.ts";
import { freePorts } from "./free-ports.ts";

const program = fileURLToPath(new URL("../src/main.ts", import.meta.url));
/** Long enough for starts on a machine with ten times as many tasks as processors. */
const patience = { timeout: 60_000, interval: 50 };

let dataDir: string;
let ports: { readonly AUTH_PORT: string; readonly ORDERS_PORT: string; readonly REPORTS_PORT: string };

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "countersign-processes-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const [auth, orders, reports] = await freePorts(3);
  ports = { AUTH_PORT: String(auth), ORDERS_PORT: String(orders), REPORTS_PORT: String(reports) };
});

/** All three, as `npm run two-services` starts them. */
function start(): { readonly main: ChildProcess; readonly output: () => string } {
  const env = { ...process.env, ...ports, COUNTERSIGN_DATA_DIR: dataDir };
  const main = spawn(process.execPath, ["--conditions=@countersign/source", program], { env });
  onTestFinished(() => void main.kill("SIGKILL"));
  let output = "";
  for (const stream of [main.stdout, main.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { main, output: () => output };
}

const listens = (port: string): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );

/** Nobody listens any more, at any of the ports. */
async function untilAllEnded(): Promise<void> {
  const ended = async (): Promise<boolean> =>
    !(await Promise.all(Object.values(ports).map(listens))).some(Boolean);
  await vi.waitUntil(ended, patience);
}

test("one that cannot start takes the others with it", async () => {
  const taken = createServer();
  await once(taken.listen(Number(ports.REPORTS_PORT), "127.0.0.1"), "listening");
  const { main, output } = start();
  const [code] = (await once(main, "close")) as [number];
  expect(code).toBe(1);
  expect(output()).toContain(`port ${ports.REPORTS_PORT} cannot be had`);
  taken.close();
  expect(await Promise.all(Object.values(ports).map(listens))).toEqual([false, false, false]);
});

test("a set-up that fails half-way leaves no process behind, of those that were starting beside it neither", async () => {
  const processes = createProcesses();
  onTestFinished(processes.kill);
  const environment = { ...process.env, COUNTERSIGN_DATA_DIR: dataDir };
  const deployment = { authPort: Number(ports.AUTH_PORT), audience: "two-services", environment };
  const orders = await processes.startService("orders", Number(ports.ORDERS_PORT), deployment);
  const startingBeside = Promise.allSettled([processes.startAuthServer(deployment)]);
  await expect(processes.startService("missing", Number(ports.REPORTS_PORT), deployment)).rejects.toThrow(
    "nobody answers",
  );
  await processes.stop();
  await startingBeside;
  await orders.ended;
  expect(() => process.kill(orders.pid ?? 0, 0)).toThrow("ESRCH");
  await untilAllEnded();
  await expect(processes.startAuthServer(deployment)).rejects.toThrow("being stopped");
});

test("they end with whoever started them, also where that one is killed", async () => {
  const { main, output } = start();
  await vi.waitUntil(() => output().includes("two-services:tour"), patience);
  main.kill("SIGKILL");
  await untilAllEnded();
});

test("SIGTERM ends all within the drain limit, whatever is open", async () => {
  const { main, output } = start();
  await vi.waitUntil(() => output().includes("two-services:tour"), patience);
  const stream = await fetch(`http://127.0.0.1:${ports.AUTH_PORT}/revocations`, {
    headers: { accept: "text/event-stream" },
  });
  expect(stream.status).toBe(200);
  // Bodies that never end.
  for (const [port, path] of [
    [ports.AUTH_PORT, "/login"] as const,
    [ports.ORDERS_PORT, "/orders"] as const,
  ]) {
    const socket = connect(Number(port), "127.0.0.1").on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
    const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
    await new Promise((resolve) => void socket.write(head, resolve));
  }
  const signalledAt = performance.now();
  main.kill("SIGTERM");
  expect(await once(main, "exit")).toEqual([0, null]);
  expect(performance.now() - signalledAt).toBeLessThan(12_500);
  await stream.body?.cancel().catch(() => undefined);
  expect(await Promise.all(Object.values(ports).map(listens))).toEqual([false, false, false]);
});
