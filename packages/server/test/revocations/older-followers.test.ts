// Followers of the release before cursors had an epoch: they read numbers alone.
import { expect, onTestFinished, test } from "vitest";
import { openEventSource } from "../feed/event-source.ts";
import { startApp } from "../app.ts";
import { addKnownLogOuts, addLogOuts } from "./log-outs.ts";

/** What they send for each document, and no newer one does. */
const asOlder = { accept: "application/json, application/jwk-set+json" };

test("one that asks for the list and resumes by its number is told everything in numbers, a reset included", async () => {
  const app = await startApp();
  const before = await addKnownLogOuts(app, 2);
  const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/revocations`;
  const answer = await fetch(url, { headers: asOlder });
  expect(answer.headers.get("etag")).toBe('"2"');
  const list = (await answer.json()) as { cursor: string; sessions: { sid: string }[] };
  expect(list.cursor).toBe("2");
  expect(list.sessions.map(({ sid }) => sid)).toEqual(before);
  expect((await fetch(url, { headers: { ...asOlder, "if-none-match": '"2"' } })).status).toBe(304);

  const follower = await openEventSource(url, "1");
  onTestFinished(() => follower.close());
  const [after] = await addLogOuts(app, 1);
  await follower.until((events) => events.some(({ id }) => id === "3"));
  const told = follower.events.filter(({ event }) => event === "revocation");
  expect(told.map(({ id, data }) => [id, (data as { sid: string }).sid])).toEqual([
    ["2", before[1]],
    ["3", after],
  ]);
  for (const { event, id, data } of follower.events) {
    if (event === "heartbeat") expect(data).toEqual({ cursor: id });
  }

  const ahead = await openEventSource(url, "4");
  onTestFinished(() => ahead.close());
  await ahead.until((events) => events.length > 0);
  expect(ahead.events[0]).toMatchObject({ event: "reset", id: "3", data: { cursor: "3" } });
});

test("a newer one beside them gets cursors with an epoch, from the same server", async () => {
  const app = await startApp();
  await addKnownLogOuts(app, 1);
  const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/revocations`;
  await fetch(url, { headers: asOlder });
  const { cursor } = (await (await fetch(url)).json()) as { cursor: string };
  expect(cursor).toMatch(/^[\w-]{12}\.1$/);
});
