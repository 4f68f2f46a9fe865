// What an operator gets to see: counts, ages and events, and never a token.
import { expect, test } from "vitest";
import { refusalOf } from "./fixtures/refusal.ts";
import { bearer, isAccepted, logOut, setUp } from "./fixtures/rig.ts";

test("status counts what was accepted, and what was refused by reason", async () => {
  const { verifier, local, clock } = await setUp();
  await verifier.ready();
  expect(verifier.status()).toMatchObject({ accepted: 0, refused: {} });
  const token = local.issue();
  for (let request = 0; request < 3; request += 1) await verifier.authenticate(bearer(token));
  clock.now += 3600;
  for (const credentials of [bearer(token), bearer("x"), undefined, "Basic eDp5", "Bearer"]) {
    await refusalOf(() => verifier.authenticate(credentials));
  }
  const { accepted, refused } = verifier.status();
  expect(accepted).toBe(3);
  expect(refused).toEqual({
    token_invalid: 2,
    credentials_missing: 1,
    scheme_not_supported: 1,
    credentials_malformed: 1,
  });
});

test("status says how old keys and revocations are, and how much is listed", async () => {
  const rig = await setUp();
  expect(rig.verifier.status()).toMatchObject({
    keys: { source: "issuer", state: "missing", count: 0, ageSeconds: undefined, fetches: 0 },
    revocations: { source: "issuer", state: "missing", connected: false, ageSeconds: undefined, size: 0 },
  });
  rig.server.revoke(logOut("a"));
  await rig.verifier.ready();
  await rig.until({ connected: true });
  await rig.server.stop();
  await rig.until({ connected: false });
  rig.clock.now += 20;
  expect(rig.verifier.status()).toMatchObject({
    keys: { state: "fresh", count: 1, ageSeconds: 20, fetches: 1, failures: 0, lastFailure: undefined },
    revocations: { state: "fresh", ageSeconds: 20, cursor: "1", size: 1, snapshots: 1, behind: 0 },
  });
});

test("the hook hears of fetches, log-outs, interruptions and refusals", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  rig.server.revoke(logOut("a"));
  await rig.until({ events: 1 });
  expect(await isAccepted(rig, "a")).toBe(false);
  await refusalOf(() => rig.verifier.authenticate(undefined));
  await rig.server.stop();
  await rig.until({ lastFailure: "unreachable" });
  expect(rig.events).toEqual(
    expect.arrayContaining([
      { type: "keys_fetched", count: 1, durationMs: expect.any(Number) },
      { type: "revocations_fetched", cursor: "0", size: 0 },
      { type: "revocation_applied", cursor: "1" },
      { type: "refused", code: "token_invalid", reason: "revoked" },
      { type: "refused", code: "credentials_missing", reason: undefined },
      { type: "revocations_interrupted", reason: "unreachable", retryInMs: expect.any(Number) },
    ]),
  );
});

test("neither hook nor status nor refusal carries a token, a session or who it was", async () => {
  const rig = await setUp();
  await rig.verifier.ready();
  await rig.until({ connected: true });
  const token = rig.local.issue({ sub: "canary-subject", sid: "canary-session" });
  await rig.verifier.authenticate(bearer(token));
  rig.server.revoke(logOut("canary-session"));
  await rig.until({ events: 1 });
  rig.clock.now += 3600;
  const refusals = [];
  for (const bad of [token, `${token}x`, token.slice(1), `${token} ${token}`, token.toUpperCase()]) {
    const { message, code, reason, headers, problem } = await refusalOf(() =>
      rig.verifier.authenticate(bearer(bad)),
    );
    refusals.push({ message, code, reason, headers, problem });
  }
  const said = JSON.stringify([rig.events, rig.verifier.status(), refusals]);
  for (const part of [...token.split("."), "canary"]) {
    expect(said.toLowerCase()).not.toContain(part.toLowerCase());
  }
});
