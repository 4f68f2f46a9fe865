// How a client keeps its login alive: against a server that counts what it is asked.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createClient, NetworkError, NotLoggedInError, webStorage } from "../src/index.ts";
import type { Client, ClientStorage } from "../src/index.ts";
import {
  invalidGrant,
  invalidToken,
  lifetimeSeconds,
  reply,
  type ScriptedServer,
  startScriptedServer,
  tokensOf,
} from "./scripted-server.ts";
import { sharedArea } from "./shared-area.ts";

const person = { email: "ada@example.com", password: "tangerine violin ledger" };

let server: ScriptedServer;
let nowMs = 0;

beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  server = await startScriptedServer();
});

afterEach(() => server.close());

function sharedStorage(): { storage: ClientStorage; stored: () => string | undefined } {
  const items = new Map<string, string>();
  const name = randomUUID();
  return {
    storage: webStorage(sharedArea(items), name),
    stored: () => items.get(`${name}.login`)?.split(" ")[0],
  };
}

function newClient(storage?: ClientStorage): Client {
  const clock = { nowMs: () => nowMs, random: () => 0.5 };
  return createClient({ baseUrl: server.origin, ...clock, ...(storage !== undefined && { storage }) });
}

async function loggedIn(storage?: ClientStorage): Promise<Client> {
  const client = newClient(storage);
  await client.login(person);
  server.seen.length = 0;
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
    expect(server.seen).toEqual(["/posts Bearer access1"]);
  });

  it("is renewed ahead of its end, once for all who ask, and serves until the new one is there", async () => {
    const client = await loggedIn();
    pass(lifetimeSeconds * 0.85);
    await Promise.all(["a", "b", "c"].map((path) => client.fetch(path)));
    await expect.poll(() => client.getAccessToken()).toMatch(/access2$/);
    expect(server.seen.toSorted()).toEqual([
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
    expect(server.seen[0]).toBe("/token refresh1");
    expect(server.seen.slice(1).toSorted()).toEqual(["/a Bearer access2", "/b Bearer access2"]);
  });

  it("that cannot be renewed ahead of time is tried again after 10 seconds, not with each request", async () => {
    const client = await loggedIn();
    server.answers.set("/token", (_, response) => reply(response, 503, {}));
    pass(lifetimeSeconds * 0.9);
    for (let count = 0; count < 5; count += 1) await client.fetch("posts");
    await expect.poll(() => server.seen.filter((line) => line.startsWith("/token"))).toHaveLength(1);
    pass(10);
    await client.fetch("posts");
    await expect.poll(() => server.seen.filter((line) => line.startsWith("/token"))).toHaveLength(2);
  });

  it("that is refused is renewed, and the request made once more", async () => {
    const client = await loggedIn();
    pass(60);
    server.answers.set("/posts", (request, response, body) => {
      server.answers.delete("/posts");
      invalidToken(request, response, body);
    });
    expect((await client.fetch("posts", { method: "POST", body: "text" })).status).toBe(200);
    expect(server.seen).toEqual(["/posts Bearer access1", "/token refresh1", "/posts Bearer access2"]);
  });

  it("that is refused just after it was given out is renewed all the same: roles may have changed", async () => {
    const client = await loggedIn();
    server.answers.set("/posts", (request, response, body) => {
      server.answers.clear();
      invalidToken(request, response, body);
    });
    expect((await client.fetch("posts")).status).toBe(200);
    expect(server.seen).toEqual(["/posts Bearer access1", "/token refresh1", "/posts Bearer access2"]);
  });

  it("that is refused for another reason is not renewed", async () => {
    const client = await loggedIn();
    server.answers.set("/posts", (_, response) =>
      reply(response, 401, {}, { "www-authenticate": 'Bearer error="insufficient_user_authentication"' }),
    );
    expect((await client.fetch("posts")).status).toBe(401);
    expect(server.seen).toEqual(["/posts Bearer access1"]);
  });

  it("is renewed once for an API that takes none, and not with each request", async () => {
    const client = await loggedIn();
    server.answers.set("/posts", invalidToken);
    for (let count = 0; count < 5; count += 1) expect((await client.fetch("posts")).status).toBe(401);
    expect(server.seen.filter((line) => line.startsWith("/token"))).toEqual(["/token refresh1"]);
  });

  it.each([-3600, 3600])("is not trusted once the clock was put right by %i seconds", async (seconds) => {
    const client = await loggedIn();
    pass(seconds);
    expect(await client.getAccessToken()).toMatch(/access2$/);
    expect(await client.getAccessToken()).toMatch(/access2$/);
    expect(server.seen).toEqual(["/token refresh1"]);
  });
});

describe("a login", () => {
  it("outlives its client where the storage does", async () => {
    const { storage } = sharedStorage();
    await loggedIn(storage);
    expect(await newClient(storage).getAccessToken()).toMatch(/access2$/);
    expect(server.seen).toEqual(["/token refresh1"]);
  });

  it("is over when the server says so, and is then forgotten", async () => {
    const { storage, stored } = sharedStorage();
    const client = await loggedIn(storage);
    pass(lifetimeSeconds);
    server.answers.set("/token", invalidGrant);
    expect(await client.getAccessToken()).toBeUndefined();
    expect(stored()).toBeUndefined();
    await expect(client.fetch("posts")).rejects.toBeInstanceOf(NotLoggedInError);
    expect(server.seen).toEqual(["/token refresh1"]);
  });

  it.each([
    ["no answer", (request: IncomingMessage) => request.socket.destroy()],
    [
      "half an answer",
      (_: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { "content-length": "100" }).write('{"access_');
        setTimeout(() => response.destroy(), 20);
      },
    ],
  ])("survives %s: the same refresh token is presented again", async (_what, answer) => {
    const client = await loggedIn();
    pass(lifetimeSeconds);
    server.answers.set("/token", (request, response) => answer(request, response));
    await expect(client.getAccessToken()).rejects.toBeInstanceOf(NetworkError);
    server.answers.clear();
    expect(await client.getAccessToken()).toMatch(/access2$/);
    expect(server.seen).toEqual(["/token refresh1", "/token refresh1"]);
  });

  it("survives a server that is busy, and says what it said", async () => {
    const { storage, stored } = sharedStorage();
    const client = await loggedIn(storage);
    pass(lifetimeSeconds);
    server.answers.set("/token", (_, response) =>
      reply(response, 429, { error: "slow_down" }, { "retry-after": "7" }),
    );
    const refusal = { status: 429, code: "slow_down", retryAfterSeconds: 7 };
    await expect(client.fetch("posts")).rejects.toMatchObject(refusal);
    expect(stored()).toBe("refresh1");
  });

  it("that is replaced while it is renewed stays replaced", async () => {
    const { storage } = sharedStorage();
    const client = await loggedIn(storage);
    pass(lifetimeSeconds);
    server.answers.set("/token", (_, response) => {
      // As a tab would that cannot take turns.
      void storage.write("login", "another-tab's ada -");
      server.answers.clear();
      reply(response, 200, tokensOf("ada", 99));
    });
    expect(await client.getAccessToken()).toMatch(/access2$/);
    expect(server.seen).toEqual(["/token refresh1", "/token another-tab's"]);
  });
});

describe("a log-out", () => {
  it("renews a token that is over, so that it ends the session and not only forgets it", async () => {
    const client = await loggedIn();
    pass(lifetimeSeconds);
    await client.logout();
    expect(server.seen).toEqual(["/token refresh1", "/logout Bearer access2"]);
    expect(await client.getAccessToken()).toBeUndefined();
  });

  it("renews a token that is refused, for the same reason", async () => {
    const client = await loggedIn();
    server.answers.set("/logout", (request, response, body) => {
      server.answers.delete("/logout");
      invalidToken(request, response, body);
    });
    await client.logout();
    expect(server.seen).toEqual(["/logout Bearer access1", "/token refresh1", "/logout Bearer access2"]);
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
      const { storage, stored } = sharedStorage();
      await loggedIn(storage);
      const clients = Array.from({ length: 8 }, () => newClient(storage));
      await Promise.all(clients.map((client) => client.getAccessToken()));
      expect(server.seen).toEqual(Array.from({ length: 8 }, (_, index) => `/token refresh${index + 1}`));
      expect(server.mostRenewalsAtOnce()).toBe(1);
      expect(stored()).toBe("refresh9");
    },
  );

  it("go on after one of them has failed", async () => {
    const { storage } = sharedStorage();
    await loggedIn(storage);
    server.answers.set("/token", (request) => {
      server.answers.clear();
      request.socket.destroy();
    });
    const [first, second] = await Promise.allSettled(
      [newClient(storage), newClient(storage)].map((client) => client.getAccessToken()),
    );
    expect(first?.status).toBe("rejected");
    expect(second).toMatchObject({ status: "fulfilled", value: expect.stringMatching(/access2$/) });
  });
});
