// What the routes do wherever they run, without a test framework: other runtimes have none of ours.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Issuer } from "./issuer.ts";

export interface World {
  /** Where the routes are. */
  readonly origin: string;
  readonly send: (request: Request) => Promise<Response>;
  readonly issuer: Issuer;
}

function ask({ origin, send }: World, token: string | undefined, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  return send(new Request(`${origin}/api/profile`, { ...init, headers }));
}

function refusal({ status, headers }: Response): readonly [number, string | null] {
  return [status, headers.get("www-authenticate")];
}

async function untilRefused(world: World, token: string, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  let { status } = await ask(world, token);
  while (status === 200 && performance.now() < deadline) {
    await sleep(5);
    ({ status } = await ask(world, token));
  }
  assert.equal(status, 401);
}

/** The last one kills the issuer and brings it back. */
export const profileChecks: Readonly<Record<string, (world: World) => Promise<void>>> = {
  async "TV-12: without credentials it is a bare 401 (RFC 6750 §3), whatever else says who it is"(world) {
    const headers = {
      "x-user-id": "admin",
      cookie: "access_token=x",
      "x-middleware-subrequest": "middleware",
    };
    const response = await ask(world, undefined, { headers });
    assert.deepEqual(refusal(response), [401, 'Bearer realm="api"']);
    assert.equal(((await response.json()) as { code: string }).code, "credentials_missing");
  },

  async "a good token is let in, and its role is judged"(world) {
    const { client, token } = await world.issuer.logIn("ada");
    const response = await ask(world, token);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { subject: (await client.getUser())?.id });
    const forbidden = await ask(world, token, { method: "DELETE" });
    assert.deepEqual(refusal(forbidden), [403, 'Bearer error="insufficient_scope"']);
  },

  async "TV-12: a token that somebody changed is invalid_token"(world) {
    const { token } = await world.issuer.logIn("bob");
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, roles: ["admin"] })).toString("base64url");
    for (const bad of [`${header}.${forged}.${signature}`, `${header}.${payload}.`, "x", `${token}=`]) {
      const response = await ask(world, bad, { method: "DELETE" });
      assert.deepEqual(refusal(response), [401, 'Bearer error="invalid_token"']);
    }
  },

  async "LO-01: a log-out is heard within a second"(world) {
    const { client, token } = await world.issuer.logIn("gone");
    assert.equal((await ask(world, token)).status, 200);
    await client.logout();
    await untilRefused(world, token, 1000);
  },

  async "N-10: with the issuer dead tokens work, and log-outs are heard again when it is back"(world) {
    const { issuer } = world;
    const { client, token } = await issuer.logIn("here");
    assert.equal((await ask(world, token)).status, 200);
    await issuer.kill();
    assert.equal((await ask(world, token)).status, 200);
    await issuer.start();
    assert.equal((await ask(world, token)).status, 200);
    await client.logout();
    // It may be some seconds until the feed is tried again.
    await untilRefused(world, token, 10_000);
  },
};
