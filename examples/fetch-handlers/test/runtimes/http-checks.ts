// What can be seen only over HTTP, and is up to the runtime's own server: header lines as they come over the wire.
import { attackUrl } from "@countersign/conformance";
import assert from "node:assert/strict";
import type { JsonWebKey } from "node:crypto";
import {
  createRandom,
  randomCredentials,
} from "../../../../packages/verifier/test/fixtures/random-credentials.ts";
import { ask } from "../../../../packages/verifier/test/fixtures/raw-client.ts";
import type { World } from "../profile-checks.ts";

const path = "/api/profile";
const headerCount = 5000;
const headersAtATime = 50;

async function freshToken({ issuer }: World): Promise<string> {
  const { token } = await issuer.logIn(`person-${crypto.randomUUID()}`);
  return token;
}

export const httpChecks: Readonly<Record<string, (world: World) => Promise<void>>> = {
  async "TV-11: two Authorization lines are refused, whichever of them is good"(world) {
    const good = `Authorization: Bearer ${await freshToken(world)}`;
    const { port } = new URL(world.origin);
    assert.equal((await ask(Number(port), { path, lines: [good] })).status, 200);
    for (const lines of [
      [good, "authorization: Bearer x"],
      ["AUTHORIZATION: Bearer x", good],
      [good, "Authorization: Basic eDp5"],
      [good, good],
    ]) {
      const { status } = await ask(Number(port), { path, lines });
      assert.deepEqual([lines, status], [lines, 401]);
    }
  },

  async "no attack of the kit gets in"(world) {
    const response = await fetch(`${world.issuer.url}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: JsonWebKey[] };
    const { letIn, turnedAway, results } = await attackUrl({
      url: world.origin + path,
      token: await freshToken(world),
      jwks: keys,
      requestsPerSecond: Infinity,
    });
    assert.deepEqual({ letIn, turnedAway }, { letIn: [], turnedAway: [] });
    assert.ok(results.length > 100);
  },

  async "TV-11: of random Authorization headers only the good ones get in"(world) {
    const { port } = new URL(world.origin);
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = createRandom(seed);
    const tokens = [await freshToken(world), await freshToken(world)];
    const sendOne = async (): Promise<void> => {
      const { lines, good } = randomCredentials(random, tokens);
      const status = await ask(Number(port), { path, lines }).then(
        (answer) => answer.status,
        () => "closed",
      );
      // Some never reach the guard, because the runtime's own parser ends the connection or refuses the header.
      const isExpected = good ? status === 200 : [400, 401, 431, "closed"].includes(status);
      assert.ok(isExpected, JSON.stringify([seed, lines, status]));
    };
    for (let sent = 0; sent < headerCount; sent += headersAtATime) {
      await Promise.all(Array.from({ length: headersAtATime }, sendOne));
    }
  },
};
