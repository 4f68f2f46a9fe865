// The same requests at every step of the move: no good token is lost on the way, and no bad one found.
import { createSigner, generateKey, keySet } from "@countersign/token";
import { createAccessVerifier, RevocationList } from "@countersign/verifier";
import type { Express } from "express";
import jwt from "jsonwebtoken";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createApp as createBefore } from "../src/0-before.ts";
import { createApp as createDropIn } from "../src/1-drop-in.ts";
import { createApp as createBoth } from "../src/2-both.ts";
import { createApp as createAfter } from "../src/3-after.ts";

const secret = randomBytes(32).toString("base64url");
const trust = { issuer: "https://auth.example", audience: "orders" };
const key = await generateKey("ES256");
const sign = createSigner({ key, type: "at+jwt", ...trust, lifetimeSeconds: 600 });
const newToken = (): string => sign({ sub: "ada", sid: "s1", jti: randomUUID() });
const oldToken = (): string => jwt.sign({ sub: "ada" }, secret, { expiresIn: "1h" });

let revocations: RevocationList;
beforeEach(() => {
  revocations = new RevocationList();
});

const steps: Readonly<Record<string, () => Express>> = {
  before: () => createBefore(secret),
  "drop-in": () => createDropIn(secret),
  both: () => createBoth(createAccessVerifier({ ...trust, keys: keySet([key]), revocations }), secret),
  after: () => createAfter(createAccessVerifier({ ...trust, keys: keySet([key]), revocations })),
};

/** What each step answers to this token. */
async function askEach(token: string): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const [step, createApp] of Object.entries(steps)) {
    const server = createApp().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${port}/orders`, { headers });
    const { customer } = (await response.json()) as { customer?: string };
    answers[step] = customer ?? response.status;
  }
  return answers;
}

test("a token of before is good until the last step, a new one from the step that issues it", async () => {
  expect(await askEach(oldToken())).toEqual({ before: "ada", "drop-in": "ada", both: "ada", after: 401 });
  expect(await askEach(newToken())).toEqual({ before: 401, "drop-in": 401, both: "ada", after: "ada" });
});

test("a log-out counts as soon as there are new tokens", async () => {
  const expires_at = Math.floor(Date.now() / 1000) + 600;
  revocations.apply({ sid: "s1", tokens_before: expires_at, expires_at });
  expect(await askEach(newToken())).toMatchObject({ both: 401, after: 401 });
});

test("no step takes a token that is expired, forged or unsigned", async () => {
  const refused = { before: 401, "drop-in": 401, both: 401, after: 401 };
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${oldToken().split(".")[1]}.`;
  for (const token of [
    jwt.sign({ sub: "ada" }, secret, { expiresIn: -60 }),
    jwt.sign({ sub: "ada" }, randomBytes(32), { expiresIn: "1h" }),
    unsigned,
  ]) {
    expect(await askEach(token)).toEqual(refused);
  }
});

test("a token without an end is not carried over", async () => {
  expect(await askEach(jwt.sign({ sub: "ada" }, secret))).toMatchObject({ before: "ada", both: 401 });
});
