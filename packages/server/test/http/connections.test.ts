import type { FastifyInstance } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { exemptConnection } from "../../src/http/connections.ts";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { bearer, login, newAccount, newApp } from "../app.ts";
import { listenOn, openSocket, type RawConnection } from "./sockets.ts";

const host = "host: api.example.com\r\n";

async function startListening(
  options: Partial<CountersignOptions>,
  trustProxy: string[] | false = false,
): Promise<{ app: FastifyInstance; port: number }> {
  const app = newApp(options, { logger: false, trustProxy });
  onTestFinished(() => app.close());
  app.get("/large", async () => "x".repeat(16 * 1024 * 1024));
  app.get("/follow", async (request) => {
    exemptConnection(request);
    return "exempt";
  });
  return { app, port: await listenOn(app) };
}

/** Sends a request and waits for the beginning of its answer. */
async function ask({ socket, received }: RawConnection, path: string, more = ""): Promise<string> {
  const before = received().length;
  socket.write(`GET ${path} HTTP/1.1\r\n${host}${more}\r\n`);
  await expect.poll(() => received().length, { timeout: 30_000 }).toBeGreaterThan(before);
  return received().slice(before);
}

const isOpen = ({ socket }: RawConnection): boolean => !socket.closed;

test.each([
  ["nothing at all", ""],
  ["half of the headers", `POST /login HTTP/1.1\r\n${host}`],
  [
    "half of a body",
    `POST /login HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: 99\r\n\r\n{`,
  ],
])("a request ends that stays at %s, and says so", async (_what, text) => {
  const { port } = await startListening({ headersTimeoutSeconds: 1, requestTimeoutSeconds: 2 });
  const connection = await openSocket(port);
  connection.socket.write(text);
  await connection.ended;
  expect(connection.received()).toMatch(/^HTTP\/1\.1 408 /);
  expect(connection.received()).toContain('"code":"request_timeout"');
});

test("by default 1,500 half-sent bodies find an end, too", () => {
  const app = newApp();
  onTestFinished(() => app.close());
  expect(app.server).toMatchObject({
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 72_000,
  });
});

test("a connection without a request ends after its idle time", async () => {
  const { port } = await startListening({ idleTimeoutSeconds: 1 });
  const connection = await openSocket(port);
  expect(await ask(connection, "/health/live")).toMatch(/^HTTP\/1\.1 200 /);
  await connection.ended;
});

test("an answer that nobody reads ends, on every route; whoever reads slowly gets all of it", async () => {
  const { port } = await startListening({ writeTimeoutSeconds: 1 });
  const silent = await openSocket(port);
  silent.socket.pause();
  silent.socket.write(`GET /large HTTP/1.1\r\n${host}\r\n`);
  const slow = await openSocket(port);
  slow.socket.write(`GET /large HTTP/1.1\r\n${host}connection: close\r\n\r\n`);
  const reading = setInterval(() => {
    slow.socket.resume();
    setTimeout(() => slow.socket.pause(), 30);
  }, 150);
  onTestFinished(() => clearInterval(reading));
  // Not read, its end is seen by the server alone: the socket hears of it when it writes.
  const probing = setInterval(() => silent.socket.write("GET"), 200);
  onTestFinished(() => clearInterval(probing));
  await silent.ended;
  await slow.ended;
  expect(slow.received().length).toBeGreaterThan(16 * 1024 * 1024);
  expect(silent.received().length).toBeLessThan(16 * 1024 * 1024);
});

test("of one address too many, the connection longest without an authenticated request gives way", async () => {
  const { app, port } = await startListening({ maxConnectionsPerAddress: 3 });
  await newAccount(app);
  const { authorization } = bearer(await login(app));
  const first = await openSocket(port);
  const second = await openSocket(port);
  const third = await openSocket(port);
  const elsewhere = await openSocket(port, "127.0.0.2");
  expect(await ask(first, "/me", `authorization: ${authorization}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await ask(second, "/me")).toMatch(/^HTTP\/1\.1 401 /);

  const fourth = await openSocket(port);
  await second.ended;
  const fifth = await openSocket(port);
  await third.ended;
  expect([first, fourth, fifth, elsewhere].map(isOpen)).toEqual([true, true, true, true]);
  await openSocket(port);
  await first.ended;
});

test("the bound on all connections follows the same rule", async () => {
  const { port } = await startListening({ maxConnections: 2 });
  const first = await openSocket(port, "127.0.0.2");
  const second = await openSocket(port, "127.0.0.3");
  const third = await openSocket(port, "127.0.0.4");
  await first.ended;
  expect(await ask(third, "/health/live")).toMatch(/^HTTP\/1\.1 200 /);
  expect(isOpen(second)).toBe(true);
});

test("connections of trusted proxies and of followers with a name do not count", async () => {
  const { port } = await startListening({ maxConnectionsPerAddress: 1, maxConnections: 2 }, ["127.0.0.2"]);
  const proxies = await Promise.all([1, 2, 3].map(() => openSocket(port, "127.0.0.2")));
  const followers: RawConnection[] = [];
  for (let count = 0; count < 3; count += 1) {
    const follower = await openSocket(port);
    expect(await ask(follower, "/follow")).toContain("exempt");
    followers.push(follower);
  }
  const stranger = await openSocket(port);
  const next = await openSocket(port);
  await stranger.ended;
  for (const connection of [...proxies, ...followers, next])
    expect(await ask(connection, "/health/live")).toMatch(/^HTTP\/1\.1 200 /);
});
