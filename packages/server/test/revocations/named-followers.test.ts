// Followers that say who they are, and where the feed is for them alone.
import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { type EventSource, openEventSource } from "../feed/event-source.ts";
import { startApp } from "../app.ts";

const secret = randomBytes(32).toString("base64");
const feedFollowers = { posts: secret };

/** RFC 7617 §2: user-id and password with a colon between, nothing encoded before. */
const basic = (name: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});

async function listen(options: Partial<CountersignOptions>): Promise<string> {
  const app = await startApp(options);
  return `${await app.listen({ host: "127.0.0.1", port: 0 })}/revocations`;
}

async function follow(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventSource> {
  const source = await openEventSource(url, undefined, headers);
  onTestFinished(() => source.close());
  return source;
}

test.each(["open", "followers"] as const)(
  "a follower with a name reads list and stream where the feed is %s, also when strangers have taken all they can",
  async (feed) => {
    const url = await listen({ feed, feedFollowers });
    const strangers = await Promise.all(Array.from({ length: 20 }, () => follow(url)));
    expect(strangers.some(({ status }) => status !== 200)).toBe(true);
    const headers = basic("posts", secret);
    const list = await fetch(url, { headers });
    expect(list.status).toBe(200);
    expect(list.headers.get("cache-control")).toBe("private, no-cache");
    const sources = await Promise.all(Array.from({ length: 20 }, () => follow(url, headers)));
    expect(sources.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
  },
);

test("RFC 9110 §15.5.2: where the feed is for followers, a stranger is told how to say who they are", async () => {
  const url = await listen({ feed: "followers", feedFollowers });
  for (const accept of ["application/json", "text/event-stream"]) {
    const refused = await fetch(url, { headers: { accept } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toBe('Basic realm="revocations"');
    expect(await refused.json()).toMatchObject({ code: "invalid_client" });
  }
});

test.each([
  ["another secret", basic("posts", randomBytes(32).toString("base64"))],
  ["an unknown name", basic("users", secret)],
  ["no name", basic("", secret)],
  ["a name of every object", basic("constructor", secret)],
  ["what is no base64", { authorization: "Basic %%%" }],
  ["nothing", { authorization: "Basic" }],
])("RFC 7617 §2: %s is refused with a challenge where the feed is open, too", async (_what, headers) => {
  const url = await listen({ feedFollowers });
  for (const accept of ["application/json", "text/event-stream"]) {
    const refused = await fetch(url, { headers: { ...headers, accept } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toBe('Basic realm="revocations"');
    expect(await refused.text()).not.toContain(secret);
  }
});
