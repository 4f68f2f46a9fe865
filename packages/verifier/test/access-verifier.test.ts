// createAccessVerifier with keys in process: options, identities, refusals, remembered tokens.
import { createSigner, secretKey, TokenError } from "@countersign/token";
import type { KeySet } from "@countersign/token";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createAccessVerifier, RevocationList } from "@countersign/verifier";
import type { AccessVerifierOptions, Identity } from "@countersign/verifier";
import { refusalOf } from "./fixtures/refusal.ts";
import { audience, issuer, issuerWithKey, issuerWithSecret } from "./fixtures/issuer.ts";

const start = 1_800_000_000;

function setUp(options: Partial<AccessVerifierOptions> = {}) {
  const clock = { now: start };
  const now = () => clock.now;
  const local = issuerWithSecret({ now });
  const revocations = new RevocationList({ now });
  const verifier = createAccessVerifier({ issuer, audience, keys: local.keys, revocations, now, ...options });
  return { ...local, clock, revocations, verifier };
}

const atStart = (): number => start;

function failingKeys(): KeySet {
  throw new RangeError("the key store is gone");
}

test("gives the identity that the token carries", () => {
  const { verifier, issue } = setUp();
  const token = issue({ roles: ["user", "admin"], scope: "posts:read posts:write", auth_time: start - 60 });
  const identity = verifier.authenticate(`Bearer ${token}`) as Identity;
  expect(identity).toMatchObject({
    subject: "user-1",
    sessionId: "session-1",
    roles: ["user", "admin"],
    scope: ["posts:read", "posts:write"],
    authTime: start - 60,
  });
  expect(identity.claims.iss).toBe(issuer);
  expect(Object.isFrozen(identity)).toBe(true);
});

test("takes credentials from a Headers object, a header record and raw header lines", () => {
  const { verifier, issue } = setUp();
  const authorization = `Bearer ${issue()}`;
  for (const credentials of [
    authorization,
    new Headers({ authorization }),
    { authorization },
    { rawHeaders: ["Host", "x", "Authorization", authorization] },
    { rawHeaders: ["AUTHORIZATION", authorization] },
  ]) {
    expect(verifier.authenticate(credentials)).toMatchObject({ subject: "user-1" });
  }
});

test("TV-11: tells more than a token from a bad one, also where that token is remembered", async () => {
  const { verifier, issue } = setUp();
  const token = issue();
  for (let use = 0; use < 3; use += 1) {
    for (const credentials of [
      `Bearer ${token} `,
      `Bearer  ${token} x`,
      `Bearer ${token},`,
      `Bearer ${token} ${token}`,
      `Bearer ${token}, Bearer ${token}`,
      { rawHeaders: ["Authorization", `Bearer ${token}`, "authorization", `Bearer ${token}`] },
    ]) {
      const refusal = await refusalOf(() => verifier.authenticate(credentials));
      expect([refusal.code, refusal.status]).toEqual(["credentials_malformed", 401]);
    }
    expect(verifier.authenticate(`Bearer ${token}`)).toMatchObject({ subject: "user-1" });
  }
});

test("verifies with a secret that both sides know", async () => {
  const secret = randomBytes(32);
  const verifier = createAccessVerifier({ issuer, audience, secret, revocations: null, now: atStart });
  const known = issuerWithKey(secretKey("HS256", secret), { now: atStart });
  const stranger = issuerWithKey(secretKey("HS256", randomBytes(32)), { now: atStart });
  expect(verifier.authenticate(`Bearer ${known.issue()}`)).toMatchObject({ subject: "user-1" });
  expect((await refusalOf(() => verifier.authenticate(`Bearer ${stranger.issue()}`))).reason).toBe(
    "bad_signature",
  );
});

test("TV-09: judges a remembered token again for time, session, instant and key", async () => {
  const revoke: Record<string, (rig: ReturnType<typeof setUp>) => void> = {
    expired: ({ clock }) => (clock.now += 605),
    session: ({ revocations }) =>
      revocations.apply({ sid: "session-1", tokens_before: start + 1, expires_at: start + 600 }),
    instant: ({ revocations }) => revocations.apply({ tokens_before: start + 1 }),
    key: ({ revocations, key }) => revocations.apply({ kid: key.kid as string }),
  };
  for (const [name, change] of Object.entries(revoke)) {
    const rig = setUp();
    const authorization = `Bearer ${rig.issue()}`;
    const first = rig.verifier.authenticate(authorization) as Identity;
    const second = rig.verifier.authenticate(authorization) as Identity;
    expect(second).toEqual(first);
    expect(rig.verifier.authenticate(authorization), "remembered").toBe(second);
    change(rig);
    const refusal = await refusalOf(() => rig.verifier.authenticate(authorization));
    expect(refusal.code).toBe("token_invalid");
    expect(refusal.reason).toBe(name === "expired" ? "expired" : "revoked");
  }
});

test("TV-07: refuses a token without sub, iat or jti, and roles or scope of the wrong type", async () => {
  const { verifier, issue, key } = setUp();
  const bare = createSigner({
    key,
    type: "at+jwt",
    issuer,
    audience,
    lifetimeSeconds: 600,
    now: () => start,
  });
  const refused = [bare({ jti: "1" }), bare({ sub: "1" }), issue({ sub: "" }), issue({ roles: "admin" })];
  refused.push(
    issue({ roles: [1] }),
    issue({ scope: ["a"] }),
    issue({ sid: 1 }),
    issue({ auth_time: "now" }),
  );
  for (const token of refused) {
    expect((await refusalOf(() => verifier.authenticate(`Bearer ${token}`))).code).toBe("token_invalid");
  }
});

test("keeps the engine's reason for the log and away from the client", async () => {
  const { verifier, issue, clock } = setUp();
  const token = issue();
  clock.now += 3600;
  const refusal = await refusalOf(() => verifier.authenticate(`Bearer ${token}`));
  expect(refusal.reason).toBe("expired");
  expect(refusal.cause).toBeInstanceOf(TokenError);
  expect(JSON.stringify([refusal.problem, refusal.headers])).not.toContain("claim");
  expect(refusal.problem).toEqual({
    type: "about:blank",
    title: "Unauthorized",
    status: 401,
    code: "token_invalid",
    detail: "The access token is expired, revoked or otherwise invalid.",
  });
});

test("TV-11: turns whatever fails inside into a 503", async () => {
  const { issue } = setUp();
  const verifier = createAccessVerifier({ issuer, audience, keys: failingKeys, revocations: null });
  const refusal = await refusalOf(() => verifier.authenticate(`Bearer ${issue()}`));
  expect(refusal.code).toBe("verification_failed");
  expect(refusal.status).toBe(503);
});

test("TV-01: is not built without issuer, audience and exactly one key source", () => {
  const { keys } = issuerWithSecret();
  const good = { issuer, audience, keys, revocations: null };
  const bad: unknown[] = [
    { ...good, issuer: "" },
    { ...good, issuer: undefined },
    { ...good, audience: "" },
    { ...good, audience: undefined },
    { ...good, secret: randomBytes(32) },
    { ...good, refreshKeys: () => undefined },
    { ...good, keys: undefined, secret: randomBytes(31) },
    { ...good, clockToleranceSeconds: 31 },
    { ...good, clockToleranceSeconds: Number.NaN },
    { ...good, rememberTokens: -1 },
    { ...good, secret: undefined },
    { ...good, maxStaleness: 10 },
    { ...good, whenStale: "reject" },
    { issuer: "https://auth.example", audience, whenStale: "refuse" },
    { issuer: "https://auth.example", audience, maxStalenessSeconds: 0 },
    { issuer: "https://auth.example", audience, onEvent: "log" },
  ];
  for (const options of bad) {
    expect(() => createAccessVerifier(options as AccessVerifierOptions)).toThrow(TypeError);
  }
});
