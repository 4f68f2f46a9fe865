// Random Authorization headers over HTTP against every adapter: none gets in, none makes a 500, none brings it down.
import { createAccessVerifier } from "../src/index.ts";
import { describe, expect, test } from "vitest";
import { frameworks } from "./fixtures/apps.ts";
import type { App } from "./fixtures/app.ts";
import { audience, issuer, issuerWithSecret } from "./fixtures/issuer.ts";
import { createRandom, randomCredentials } from "./fixtures/random-credentials.ts";
import { askAll } from "./fixtures/raw-client.ts";

const full = process.env["TEST_FULL"] === "1";
const headersPerAdapter = full ? 1_000_000 : 4000;
const headersPerConnection = 200;

const local = issuerWithSecret();
const verifier = createAccessVerifier({ issuer, audience, keys: local.keys, revocations: null });
const seed = Math.floor(Math.random() * 2 ** 32);

/** Sends headers on one connection and gives back how many were good; the message of a failure names the seed. */
async function send(app: App, random: () => number, tokens: readonly string[]): Promise<number> {
  const credentials = Array.from({ length: headersPerConnection }, () => randomCredentials(random, tokens));
  const answers = await askAll(
    app.port,
    credentials.map(({ lines }) => ({ path: "/required", lines })),
  );
  for (const [index, { lines, good }] of credentials.entries()) {
    expect([seed, lines, answers[index]?.status]).toEqual([seed, lines, good ? 200 : 401]);
  }
  return credentials.filter(({ good }) => good).length;
}

describe.each(Object.entries(frameworks))("%s", (_name, startApp) => {
  test(`TV-11: ${headersPerAdapter} random Authorization headers: only the good ones get in`, async () => {
    const app = await startApp(verifier);
    const random = createRandom(seed);
    let good = 0;
    try {
      for (let sent = 0; sent < headersPerAdapter; sent += headersPerConnection) {
        // Fresh ones now and then, because a full run is longer than a token lives.
        const tokens = Array.from({ length: 5 }, () => local.issue());
        good += await send(app, random, tokens);
      }
      expect(app.handled()).toBe(good);
      expect(good).toBeGreaterThan(headersPerAdapter / 50);
    } finally {
      await app.close();
    }
  });
});
