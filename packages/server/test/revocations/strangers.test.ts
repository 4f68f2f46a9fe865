// What strangers can do to the revocation feed, and what they cannot.
import type { FastifyInstance } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { openEventSource } from "../feed/event-source.ts";
import { startApp } from "../app.ts";
import { addKnownLogOuts, addLogOuts } from "./log-outs.ts";
import { pipeline } from "./pipelined.ts";

const stream = { accept: "text/event-stream" };

async function listen(app: FastifyInstance): Promise<string> {
  return app.listen({ host: "127.0.0.1", port: 0 });
}

test("1,000 streams asked for on one socket take no place from an honest follower", async () => {
  const url = await listen(await startApp());
  const crowd = pipeline(url, { count: 1000, headers: stream });
  await expect.poll(() => crowd.isClosed() || crowd.receivedBytes() > 0, { timeout: 20_000 }).toBe(true);
  const honest = await openEventSource(`${url}/revocations`);
  onTestFinished(() => honest.close());
  expect(honest.status).toBe(200);
  await honest.until((events) => events.length > 0);
});

test("a request behind a stream on its socket ends the connection", async () => {
  const url = await listen(await startApp());
  const follower = pipeline(url, { headers: stream });
  await expect.poll(() => follower.receivedBytes(), { timeout: 20_000 }).toBeGreaterThan(0);
  follower.socket.write("GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await expect.poll(() => follower.isClosed(), { timeout: 20_000 }).toBe(true);
});

test("an address of strangers has no more than its share of the places, and hears when to come back", async () => {
  const url = await listen(await startApp());
  const sources = [];
  for (let count = 0; count < 17; count += 1) {
    const source = await openEventSource(`${url}/revocations`);
    onTestFinished(() => source.close());
    sources.push(source);
  }
  expect(sources.map(({ status }) => status)).toEqual([...Array<number>(16).fill(200), 503]);
  expect(Number(sources.at(-1)?.headers["retry-after"])).toBeGreaterThan(0);
  expect(JSON.parse((await sources.at(-1)?.ended) ?? "")).toMatchObject({ code: "unavailable" });
  expect((await fetch(`${url}/revocations`)).status).toBe(200);
});

test("100 pipelined lists of 20,000 entries are one list in memory, and hold up nobody", async () => {
  const app = await startApp();
  await addKnownLogOuts(app, 20_000);
  const url = await listen(app);
  const list = await (await fetch(`${url}/revocations`)).text();
  const before = process.memoryUsage();
  // Nobody reads, so all that is made for the answers stays.
  const crowd = pipeline(url, { count: 100, reads: false });
  let turns = 0;
  while (turns < 5) {
    const response = await fetch(`${url}/health/live`);
    expect(response.status).toBe(200);
    turns += 1;
  }
  const after = process.memoryUsage();
  crowd.socket.destroy();
  const grownBytes = after.heapUsed - before.heapUsed + after.external - before.external;
  expect(grownBytes).toBeLessThan(8 * list.length);
});

test("Last-Event-ID: a follower whose connection breaks after the first heartbeat hears of the log-out in between", async () => {
  const app = await startApp();
  const url = await listen(app);
  const first = await openEventSource(`${url}/revocations`);
  await first.until((events) => events.length > 0);
  first.close();
  const [heartbeat] = first.events;
  expect(heartbeat).toMatchObject({ event: "heartbeat", data: { cursor: heartbeat?.id } });
  expect(heartbeat?.id).toMatch(/^[\w-]{12}\.0$/);
  const [sid] = await addLogOuts(app, 1);
  // An EventSource sends the last id that it saw (WHATWG HTML §9.2.4).
  const second = await openEventSource(`${url}/revocations`, heartbeat?.id);
  onTestFinished(() => second.close());
  await second.until((events) => events.some(({ event }) => event === "revocation"));
  expect(second.events.find(({ event }) => event === "revocation")).toMatchObject({ data: { sid } });
});

test.each([
  "text/event-stream;q=0, application/json",
  "application/json, text/event-stream;q=0.5",
  "*/*",
  "application/json",
])("RFC 9110 §12.5.1: `Accept: %s` gets the list", async (accept) => {
  const url = await listen(await startApp());
  const response = await fetch(`${url}/revocations`, { headers: { accept } });
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(await response.json()).toMatchObject({ sessions: [] });
});

test.each([
  "text/event-stream",
  "text/event-stream, application/json;q=0.9",
  "*/*;q=0.1, Text/Event-Stream ; charset=utf-8 ; q=1.000",
  "text/*",
])("RFC 9110 §12.5.1: `Accept: %s` gets the stream", async (accept) => {
  const url = await listen(await startApp());
  const follower = pipeline(url, { headers: { accept } });
  await expect.poll(() => follower.head(), { timeout: 20_000 }).toContain("event: heartbeat");
});

test.each(["text/event-stream", "application/json"])(
  "RFC 9110 §9.3.2: HEAD with `Accept: %s` ends, and takes no place for long",
  async (accept) => {
    const url = await listen(await startApp());
    for (let count = 0; count < 20; count += 1) {
      const answer = await fetch(`${url}/revocations`, { method: "HEAD", headers: { accept } });
      expect([answer.status, await answer.text()]).toEqual([200, ""]);
    }
  },
);
