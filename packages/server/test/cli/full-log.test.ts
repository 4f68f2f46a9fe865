import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lifeline } from "../../../../examples/two-services/src/processes.ts";
import { canMountDisks, newSmallDisk } from "../full-disk.ts";
import { newFolder } from "./installations.ts";

const program = join(import.meta.dirname, "../../src/cli/main.ts");

/** `countersign serve` whose standard output is this file. Resolves when it answers. */
async function serveInto(file: string): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  const output = openSync(file, "a");
  const where = ["--port", String(port), "--data-dir", await newFolder()];
  const child = spawn(
    process.execPath,
    ["--conditions=@countersign/source", `--import=${lifeline}`, program, "serve", ...where],
    {
      env: {},
      stdio: ["ignore", output, "inherit", "ipc"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  closeSync(output);
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<boolean> => {
    expect(child.exitCode).toBe(null);
    return fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await expect.poll(isReady, { timeout: 30_000 }).toBe(true);
  return { child, url };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function droppedAt(url: string): Promise<number> {
  const health = (await (await fetch(`${url}/health`)).json()) as { log_lines_dropped: number };
  expect(health).toMatchObject({ status: "live" });
  return health.log_lines_dropped;
}

async function endOf(child: ChildProcess): Promise<unknown> {
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  return (await exited)[0];
}

test("a log that cannot be written ends nothing and holds nothing up, and /health counts what is missing", async () => {
  const { child, url } = await serveInto("/dev/full");
  const before = await droppedAt(url);
  expect(before).toBeGreaterThan(0);
  for (let count = 0; count < 300; count += 1) expect((await fetch(`${url}/me`)).status).toBe(401);
  expect(await droppedAt(url)).toBeGreaterThanOrEqual(before + 300);
  expect(await endOf(child)).toBe(0);
});

test.runIf(canMountDisks)(
  "on a disk that fills up the log breaks off, and goes on where there is room again",
  async () => {
    const folder = newSmallDisk(128);
    const filler = join(folder, "filler");
    const log = join(folder, "log");
    const { child, url } = await serveInto(log);
    expect(await droppedAt(url)).toBe(0);
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(4096), { flag: "a" });
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
    for (let count = 0; count < 300; count += 1) expect((await fetch(`${url}/me`)).status).toBe(401);
    const dropped = await droppedAt(url);
    expect(dropped).toBeGreaterThan(0);

    rmSync(filler);
    expect((await fetch(`${url}/me`)).status).toBe(401);
    expect(await endOf(child)).toBe(0);
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    const told = lines.map((line) => JSON.parse(line) as object).find((line) => "log_lines_dropped" in line);
    // A few more may have been dropped by then.
    expect(told).toMatchObject({ level: 40, log_lines_dropped: expect.any(Number) as number });
    expect(lines.at(-1)).toContain('"route":"/me"');
  },
);
