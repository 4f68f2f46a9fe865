// What a revocation feed may send or leave unsent, and what verifiers make of it.
import type { IssuerErrorCode } from "@countersign/verifier";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { followRevocations } from "../src/revocation-feed.ts";
import { feedPath, sendJson } from "./fixtures/issuer-server.ts";
import { refusalOf } from "./fixtures/refusal.ts";
import { isAccepted, logOut, setUp } from "./fixtures/rig.ts";

/** What a hostile or broken feed may send, and how the verifier calls it. */
const hostileEvents: Record<string, { text: string; failure: string }> = {
  "what is not JSON": { text: "id: 1\nevent: revocation\ndata: {\n\n", failure: "not_json" },
  "no object": { text: "id: 1\nevent: revocation\ndata: null\n\n", failure: "invalid_document" },
  "an entry without a number": {
    text: 'event: revocation\ndata: {"kid":"a"}\n\n',
    failure: "invalid_document",
  },
  "a number that is none": {
    text: 'id: 1e3\nevent: revocation\ndata: {"kid":"a"}\n\n',
    failure: "invalid_document",
  },
  "an instant that is text": {
    text: 'id: 1\nevent: revocation\ndata: {"sid":"a","tokens_before":"1","expires_at":2}\n\n',
    failure: "invalid_document",
  },
  "an entry of no known kind": {
    text: 'id: 1\nevent: revocation\ndata: {"jti":"a"}\n\n',
    failure: "invalid_document",
  },
  "lines of a megabyte": {
    text: `data: ${"x".repeat(1024 * 1024)}\n\n`.repeat(3),
    failure: "invalid_document",
  },
  "one event of a million lines": { text: "data: x\n".repeat(1_000_000), failure: "invalid_document" },
  "an event without end": { text: `data: ${"x".repeat(20_000)}`, failure: "invalid_document" },
};

for (const [what, { text, failure }] of Object.entries(hostileEvents)) {
  test(`a feed that sends ${what} is left and tried again, and what is known stays`, async () => {
    const rig = await setUp();
    rig.server.revoke(logOut("a"));
    await rig.verifier.ready();
    await rig.until({ connected: true });
    rig.server.send(text);
    await expect
      .poll(() => rig.events)
      .toContainEqual(expect.objectContaining({ type: "revocations_interrupted", reason: failure }));
    await rig.until({ connected: true, snapshots: 2 });
    expect(await isAccepted(rig, "a")).toBe(false);
    expect(await isAccepted(rig, "b")).toBe(true);
  });
}

test("a list in another format is not believed, and none of it is applied", async () => {
  const good = { cursor: "1", tokens_before: null, sessions: [logOut("a")], keys: ["k"] };
  const bad = [
    null,
    [],
    {},
    { ...good, cursor: 1 },
    { ...good, cursor: "-1" },
    { ...good, tokens_before: "now" },
  ];
  bad.push({ ...good, sessions: {} }, { ...good, sessions: [null] }, { ...good, sessions: [logOut("")] });
  bad.push(
    { ...good, sessions: [{ ...logOut("a"), expires_at: 1.5 }] },
    { ...good, keys: [1] },
    { ...good, keys: "k" },
  );
  for (const content of bad) {
    const rig = await setUp();
    rig.server.bend.set(feedPath, (_request, response) => sendJson(response, content));
    expect((await refusalOf(rig.verifier.ready)).reason).toBe("invalid_document");
    expect(rig.verifier.status().revocations).toMatchObject({ state: "missing", size: 0, cursor: "0" });
    rig.verifier.close();
  }
});

/** What a feed may answer instead of events. */
const notAFeed: Record<string, { failure: IssuerErrorCode; answer: (response: ServerResponse) => void }> = {
  "an error": { failure: "bad_status", answer: (response) => response.writeHead(500).end() },
  "nothing new, unasked": { failure: "bad_status", answer: (response) => response.writeHead(304).end() },
  "another media type": { failure: "wrong_content_type", answer: (response) => sendJson(response, {}) },
  "the end at once": {
    failure: "feed_interrupted",
    answer: (response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(),
  },
  "what is not UTF-8": {
    failure: "invalid_document",
    answer: (response) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).write(Buffer.from([0x64, 0xff])),
  },
  "one heartbeat and the end": {
    failure: "feed_interrupted",
    answer: (response) =>
      response
        .writeHead(200, { "content-type": "text/event-stream" })
        .end('event: heartbeat\ndata: {"cursor":"1"}\n\n'),
  },
};

for (const [what, { failure, answer }] of Object.entries(notAFeed)) {
  test(`a feed that answers with ${what} is tried again less and less often, and tokens are judged all the same`, async () => {
    const rig = await setUp({ random: () => 0 });
    rig.server.revoke(logOut("a"));
    rig.server.bend.set(`stream ${feedPath}`, (_request, response) => answer(response));
    await rig.verifier.ready();
    await rig.until({ connected: false, lastFailure: failure, failures: 2 });
    const interruptions = rig.events.filter(({ type }) => type === "revocations_interrupted");
    expect(interruptions).toMatchObject([
      { reason: failure, retryInMs: 250 },
      { reason: failure, retryInMs: 500 },
    ]);
    expect(await isAccepted(rig, "a")).toBe(false);
    expect(await isAccepted(rig, "b")).toBe(true);
    rig.server.bend.clear();
    await rig.until({ connected: true, lastFailure: undefined });
  });
}

test("a redirected feed is not followed", async () => {
  const rig = await setUp();
  rig.server.bend.set(`stream ${feedPath}`, (_request, response) => {
    response.writeHead(302, { location: `${rig.server.url}/elsewhere` }).end();
  });
  await rig.verifier.ready();
  await rig.until({ lastFailure: "redirected" });
  expect(rig.server.requests).not.toContain("stream /elsewhere");
});

test("a feed that accepts and never answers is given up after 3 seconds", async () => {
  const rig = await setUp();
  rig.server.bend.set(`stream ${feedPath}`, () => undefined);
  await rig.verifier.ready();
  await rig.until({ lastFailure: "timed_out" });
});

test("a feed that falls silent is given up, even if it dribbles comments", async () => {
  const { server } = await setUp();
  server.bend.set(`stream ${feedPath}`, (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write('event: heartbeat\ndata: {"cursor":"0"}\n\n');
    const timer = setInterval(() => response.write(": still here\n\n"), 50);
    response.on("close", () => clearInterval(timer));
  });
  const { signal } = new AbortController();
  const messages: unknown[] = [];
  const follow = async (): Promise<void> => {
    const address = { url: server.url + feedPath, fetch, signal, silenceTimeoutMs: 300 };
    for await (const message of followRevocations(address, "0")) messages.push(message);
  };
  await expect(follow()).rejects.toMatchObject({ code: "timed_out" });
  expect(messages).toEqual([{ type: "heartbeat", cursor: { epoch: "", number: 0 } }]);
});

test("a feed that keeps sending is followed for longer than it may be silent", async () => {
  const { server } = await setUp();
  const closing = new AbortController();
  const address = { url: server.url + feedPath, fetch, signal: closing.signal, silenceTimeoutMs: 2000 };
  server.heartbeatMs = 400;
  let heartbeats = 0;
  for await (const { type } of followRevocations(address, "0")) {
    expect(type).toBe("heartbeat");
    heartbeats += 1;
    if (heartbeats > 5) break;
  }
  expect(heartbeats).toBe(6);
});
