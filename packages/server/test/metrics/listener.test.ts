import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { listenForMetrics, type MetricsListener } from "../../src/metrics/listener.ts";
import { newApp, startApp } from "../app.ts";

const exposition = { contentType: "text/plain; version=0.0.4; charset=utf-8", text: "up 1\n" };
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function listen(expose = async () => exposition, errors: unknown[] = []): Promise<MetricsListener> {
  const listener = await listenForMetrics({
    host: "127.0.0.1",
    port: 0,
    expose,
    onError: (error) => void errors.push(error),
  });
  onTestFinished(() => listener.close());
  return listener;
}

async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** However it comes about: whoever is cut off may be told so by a reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}

test("the listener answers GET and HEAD of /metrics, and nothing else", async () => {
  const { url } = await listen();
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("up 1\n");
  expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
  const post = await fetch(url, { method: "POST", body: "x".repeat(100_000) });
  expect(post.status).toBe(405);
  expect(post.headers.get("allow")).toBe("GET, HEAD");
  for (const path of ["/", "/login", "/metrics/", "/health", "/me"])
    expect((await fetch(new URL(path, url))).status).toBe(404);
});

test("metrics that cannot be read are a 500 that says nothing, and the log hears why", async () => {
  const errors: unknown[] = [];
  const failure = new TypeError("canary");
  const { url } = await listen(() => Promise.reject(failure), errors);
  const answer = await fetch(url);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("canary");
  expect(errors).toEqual([failure]);
});

test("what is no request ends the connection, and so does an absurd header", async () => {
  const { url } = await listen();
  for (const text of [
    "nonsense\r\n\r\n",
    `GET /metrics HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(20_000)}\r\n\r\n`,
  ]) {
    const socket = await open(url);
    socket.resume();
    socket.write(text);
    await closed(socket);
  }
});

test("nobody who holds a connection open keeps the listener from stopping", async () => {
  const { url, close } = await listen();
  const silent = await open(url);
  const halfway = await open(url);
  halfway.write("GET /metrics HTTP/1.1\r\nHost: a\r\n");
  const ended = Promise.all([silent, halfway].map((socket) => closed(socket)));
  await close();
  await ended;
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});

test("a port that is taken refuses the start, and says which setting it is", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const app = newApp({ metricsPort: (other.address() as AddressInfo).port });
  await expect(app.ready()).rejects.toMatchObject({
    name: "ConfigError",
    problems: [expect.stringMatching(/^metricsPort: nothing can listen at 127\.0\.0\.1:\d+ \(EADDRINUSE\)/)],
  });
  await app.close();
});

test("the public app serves no metrics, whether or not they are measured", async () => {
  for (const options of [{}, { metricsPort: 0 }]) {
    const app = await startApp(options);
    expect((await app.inject("/metrics")).statusCode).toBe(404);
  }
});

test("the listener stops with the app", async () => {
  const log: string[] = [];
  const app = newApp(
    { metricsPort: 0 },
    { logger: { stream: { write: (line: string) => void log.push(line) } } },
  );
  await app.ready();
  const [, url = ""] = /Metrics at ([^"]+)"/.exec(log.join("")) ?? [];
  expect((await fetch(url)).status).toBe(200);
  await app.close();
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});
