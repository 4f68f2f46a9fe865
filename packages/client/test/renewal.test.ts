// How a client keeps its log-in alive: against a server that counts what it is asked.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createClient, NetworkError, NotLoggedInError, type TokenStorage, webStorage } from "../src/index.ts";
import type { Client } from "../src/index.ts";

const person = { email: "ada@example.com", password: "tangerine violin ledger" };
const lifetimeSeconds = 600;

let server: Server;
let origin = "";
let nowMs = 0;
/** What the server has seen of a request: its path, and what it carried. */
let seen: string[] = [];
/** In place of the next answers to a path. */
let answers: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
let generation = 0;
let underWay = 0;
let mostUnderWay = 0;

beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  seen = [];
  answers = new Map();
  generation = 0;
  mostUnderWay = 0;
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "";
  const body = await text(request);
  const presented = new URLSearchParams(body).get("refresh_token");
  seen.push(
    path === "/token" ? `${path} ${presented}` : `${path} ${request.headers.authorization ?? ""}`.trim(),
  );
  const answer = answers.get(path);
  if (answer !== undefined) return answer(request, response);
  if (path !== "/login" && path !== "/token") return reply(response, 200, {});
  underWay += 1;
  mostUnderWay = Math.max(mostUnderWay, underWay);
  await new Promise((resolve) => setTimeout(resolve, 5));
  underWay -= 1;
  generation += 1;
  reply(response, 200, tokensOf(generation));
}

function tokensOf(count: number): object {
  const token = { access_token: `access${count}`, refresh_token: `refresh${count}` };
  return { ...token, token_type: "Bearer", expires_in: lifetimeSeconds };
}

function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

const invalidToken = (_: IncomingMessage, response: ServerResponse): void =>
  reply(response, 401, {}, { "www-authenticate": 'Bearer error="invalid_token"' });
const invalidGrant = (_: IncomingMessage, response: ServerResponse): void =>
  reply(response, 400, { error: "invalid_grant", error_description: "It is over." });

/** What all tabs of an origin share, as `localStorage` is. */
function sharedStorage(): { storage: TokenStorage; items: Map<string, string> } {
  const items = new Map<string, string>();
  const area = {
    getItem: (key: string): string | null => items.get(key) ?? null,
    setItem: (key: string, value: string): void => void items.set(key, value),
    removeItem: (key: string): void => void items.delete(key),
  };
  return { storage: webStorage(area, "token"), items };
}

function newClient(storage?: TokenStorage): Client {
  const clock = { nowMs: () => nowMs, random: () => 0.5 };
  return createClient({ baseUrl: origin, ...clock, ...(storage !== undefined && { storage }) });
}

async function loggedIn(storage?: TokenStorage): Promise<Client> {
  const client = newClient(storage);
  await client.login(person);
  seen = [];
  return client;
}

function pass(seconds: number): void {
  nowMs += seconds * 1000;
}

describe("an access token", () => {
  it("is used as it is for most of its life", async () => {
    const client = await loggedIn();
    pass(lifetimeSeconds * 0.85 - 1);
    await client.fetch("posts");
    expect(seen).toEqual(["/posts Bearer access1"]);
  });

  it("is renewed ahead of its end, once for all who ask, and serves until the new one is there", async () => {
    const client = await loggedIn();
    pass(lifetimeSeconds * 0.85);
    await Promise.all(["a", "b", "c"].map((path) => client.fetch(path)));
    await expect.poll(() => client.getAccessToken()).toBe("access2");
    expect(seen.toSorted()).toEqual([
      "/a Bearer access1",
      "/b Bearer access1",
      "/c Bearer access1",
      "/token refresh1",
    ]);
  });

  it("is waited for when the old one is over, once for all who ask", async () => {
    const client = await loggedIn();
    pass(lifetimeSeconds - 5);
    await Promise.all(["a", "b"].map((path) => client.fetch(path)));
    expect(seen[0]).toBe("/token refresh1");
    expect(seen.slice(1).toSorted()).toEqual(["/a Bearer access2", "/b Bearer access2"]);
  });

  it("that cannot be renewed ahead of time is tried again after 10 seconds, not with each request", async () => {
    const client = await loggedIn();
    answers.set("/token", (_, response) => reply(response, 503, {}));
    pass(lifetimeSeconds * 0.9);
    for (let count = 0; count < 5; count += 1) await client.fetch("posts");
    await expect.poll(() => seen.filter((line) => line.startsWith("/token"))).toHaveLength(1);
    pass(10);
    await client.fetch("posts");
    await expect.poll(() => seen.filter((line) => line.startsWith("/token"))).toHaveLength(2);
  });

  it("that is refused is renewed, and the request made once more", async () => {
    const client = await loggedIn();
    pass(60);
    answers.set("/posts", (request, response) => {
      answers.delete("/posts");
      invalidToken(request, response);
    });
    expect((await client.fetch("posts", { method: "POST", body: "text" })).status).toBe(200);
    expect(seen).toEqual(["/posts Bearer access1", "/token refresh1", "/posts Bearer access2"]);
  });

  it("that is refused for another reason, or just after it was given out, is not renewed", async () => {
    const client = await loggedIn();
    answers.set("/posts", invalidToken);
    expect((await client.fetch("posts")).status).toBe(401);
    pass(60);
    answers.set("/posts", (_, response) =>
      reply(response, 401, {}, { "www-authenticate": 'Bearer error="insufficient_user_authentication"' }),
    );
    expect((await client.fetch("posts")).status).toBe(401);
    const body = new ReadableStream({ pull: (controller) => controller.close() });
    answers.set("/posts", invalidToken);
    expect(
      (await client.fetch("posts", { method: "POST", body, duplex: "half" } as RequestInit)).status,
    ).toBe(401);
    expect(seen).toEqual(Array(3).fill("/posts Bearer access1"));
  });
});

describe("a log-in", () => {
  it("outlives its client where the storage does", async () => {
    const { storage } = sharedStorage();
    await loggedIn(storage);
    expect(await newClient(storage).getAccessToken()).toBe("access2");
    expect(seen).toEqual(["/token refresh1"]);
  });

  it("is over when the server says so, and is then forgotten", async () => {
    const { storage, items } = sharedStorage();
    const client = await loggedIn(storage);
    pass(lifetimeSeconds);
    answers.set("/token", invalidGrant);
    expect(await client.getAccessToken()).toBeUndefined();
    expect(items.size).toBe(0);
    await expect(client.fetch("posts")).rejects.toBeInstanceOf(NotLoggedInError);
    expect(seen).toEqual(["/token refresh1"]);
  });

  it.each([
    ["no answer", (request: IncomingMessage) => request.socket.destroy()],
    [
      "half an answer",
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(200).end('{"access_'),
    ],
  ])("survives %s: the same refresh token is presented again", async (_what, answer) => {
    const client = await loggedIn();
    pass(lifetimeSeconds);
    answers.set("/token", (request, response) => void answer(request, response));
    await expect(client.getAccessToken()).rejects.toBeInstanceOf(NetworkError);
    answers.clear();
    expect(await client.getAccessToken()).toBe("access2");
    expect(seen).toEqual(["/token refresh1", "/token refresh1"]);
  });

  it("survives a server that is busy, and says what it said", async () => {
    const { storage, items } = sharedStorage();
    const client = await loggedIn(storage);
    pass(lifetimeSeconds);
    answers.set("/token", (_, response) =>
      reply(response, 429, { error: "slow_down" }, { "retry-after": "7" }),
    );
    const refusal = { status: 429, code: "slow_down", retryAfterSeconds: 7 };
    await expect(client.fetch("posts")).rejects.toMatchObject(refusal);
    expect([...items.values()]).toEqual(["refresh1"]);
  });

  it("that is replaced while it is renewed stays replaced", async () => {
    const { storage, items } = sharedStorage();
    const client = await loggedIn(storage);
    pass(lifetimeSeconds);
    answers.set("/token", (_, response) => {
      // As a tab would that cannot take turns.
      items.set("token", "somebody else's");
      answers.clear();
      reply(response, 200, tokensOf(99));
    });
    expect(await client.getAccessToken()).toBe("access2");
    expect(seen).toEqual(["/token refresh1", "/token somebody else's"]);
  });
});

describe("a log-out", () => {
  it("renews a token that is over, so that it ends the session and not only forgets it", async () => {
    const client = await loggedIn();
    pass(lifetimeSeconds);
    await client.logout();
    expect(seen).toEqual(["/token refresh1", "/logout Bearer access2"]);
    expect(await client.getAccessToken()).toBeUndefined();
  });

  it("renews a token that is refused, for the same reason", async () => {
    const client = await loggedIn();
    answers.set("/logout", (request, response) => {
      answers.delete("/logout");
      invalidToken(request, response);
    });
    await client.logout();
    expect(seen).toEqual(["/logout Bearer access1", "/token refresh1", "/logout Bearer access2"]);
  });

  it("of one tab is one of all", async () => {
    const { storage } = sharedStorage();
    const client = await loggedIn(storage);
    const other = newClient(storage);
    await other.getAccessToken();
    await client.logout();
    pass(lifetimeSeconds);
    await expect(other.fetch("posts")).rejects.toBeInstanceOf(NotLoggedInError);
  });
});

describe("clients that share a storage", () => {
  it.each(["with Web Locks", "without Web Locks"])(
    "renew one after the other, each what the last one wrote, %s",
    async (how) => {
      if (how === "without Web Locks") {
        vi.stubGlobal("navigator", undefined);
        onTestFinished(() => void vi.unstubAllGlobals());
      } else expect(navigator.locks).toBeDefined();
      const { storage, items } = sharedStorage();
      await loggedIn(storage);
      const clients = Array.from({ length: 8 }, () => newClient(storage));
      await Promise.all(clients.map((client) => client.getAccessToken()));
      expect(seen).toEqual(Array.from({ length: 8 }, (_, index) => `/token refresh${index + 1}`));
      expect(mostUnderWay).toBe(1);
      expect([...items.values()]).toEqual(["refresh9"]);
    },
  );

  it("go on after one of them has failed", async () => {
    const { storage } = sharedStorage();
    await loggedIn(storage);
    answers.set("/token", (request) => {
      answers.clear();
      request.socket.destroy();
    });
    const [first, second] = await Promise.allSettled(
      [newClient(storage), newClient(storage)].map((client) => client.getAccessToken()),
    );
    expect(first?.status).toBe("rejected");
    expect(second).toMatchObject({ status: "fulfilled", value: "access2" });
  });
});
