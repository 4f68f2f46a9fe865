// Programs of ours, and what may be open when they are told to stop.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { stopGracefully, stopOnSignals } from "../src/graceful-stop.ts";
import { newApp, startApp } from "./app.ts";
import { newFolder } from "./cli/installations.ts";
import { startServed } from "./cli/served.ts";
import { listenOn, openSocket } from "./http/sockets.ts";

const host = "host: 127.0.0.1\r\n";
const halfBody = `POST /login HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: 99\r\n\r\n{`;
const stream = `GET /revocations HTTP/1.1\r\n${host}accept: text/event-stream\r\n\r\n`;

test("countersign serve ends within its drain limit, whatever is open", async () => {
  const served = await startServed("--data-dir", await newFolder(), "--drain-timeout-seconds", "3");
  onTestFinished(() => void served.process.kill("SIGKILL"));
  const port = Number(new URL(served.url).port);
  const readers = await Promise.all([1, 2, 3].map(() => openSocket(port)));
  for (const { socket } of readers) socket.write(stream);
  for (const { received } of readers)
    await expect.poll(received, { timeout: 30_000 }).toContain("event: heartbeat");
  for (let count = 0; count < 20; count += 1) (await openSocket(port)).socket.write(halfBody);
  await openSocket(port);

  const stopped = served.stop();
  // The streams are told at once: they end whole, long before anything is cut.
  for (const { ended, received } of readers) {
    await ended;
    expect(received()).toMatch(/\r\n0\r\n\r\n$/);
  }
  const toldMs = performance.now();
  expect(await stopped).toBe(0);
  // Three seconds, on a machine that has nothing else to do.
  expect(performance.now() - toldMs).toBeLessThan(9000);
});

test("a request under way is answered before the process ends, and does not hold it up afterwards", async () => {
  const app = newApp();
  onTestFinished(() => app.close());
  const started = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  app.get("/slow", async () => {
    started.resolve();
    return answer.promise;
  });
  const port = await listenOn(app);
  const connection = await openSocket(port);
  connection.socket.write(`GET /slow HTTP/1.1\r\n${host}\r\n`);
  await started.promise;
  const stopped = stopGracefully(app);
  answer.resolve("done");
  expect(await stopped).toBe(true);
  expect(connection.received()).toMatch(/^HTTP\/1\.1 200 [^]*done$/);
});

test("/health/ready says no for drainDelaySeconds, while everything is answered, and then the port closes", async () => {
  const app = await startApp({ drainDelaySeconds: 2 });
  const port = await listenOn(app);
  const statusOf = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } })).status;
  expect(await statusOf("/health/ready")).toBe(200);
  const stopped = stopGracefully(app);
  const [ready, live, jwks] = await Promise.all(
    ["/health/ready", "/health/live", "/.well-known/jwks.json"].map(statusOf),
  );
  expect([ready, live, jwks]).toEqual([503, 200, 200]);
  expect(await stopped).toBe(true);
  await expect(statusOf("/health/live")).rejects.toThrow("fetch failed");
});

test("what does not close is left behind at the limit, and the process told that it failed", async () => {
  const server = createServer((_request, response) => void response.write("never done"));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const connection = await openSocket((server.address() as AddressInfo).port);
  connection.socket.write(`GET / HTTP/1.1\r\n${host}\r\n`);
  await expect.poll(connection.received).toContain("never done");

  const listeners = new Map<string, () => void>();
  const exited = Promise.withResolvers<number>();
  stopOnSignals(
    {
      server,
      close: () => new Promise(() => undefined),
      draining: { begin: () => undefined, delayMs: 0, timeoutMs: 200 },
    },
    {
      once: (signal, listener) => listeners.set(signal, listener),
      off: (signal) => listeners.delete(signal),
      exit: (code) => exited.resolve(code),
    },
  );
  expect([...listeners.keys()]).toEqual(["SIGTERM", "SIGINT"]);
  listeners.get("SIGTERM")?.();
  // A second signal then does what it does by itself: it ends the process at once.
  expect(listeners.size).toBe(0);
  expect(await exited.promise).toBe(1);
  await connection.ended;
});
