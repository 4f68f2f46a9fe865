import { expect, test } from "vitest";
import { identityOfSession, requireIdentity, twoFactorAcr } from "../src/index.ts";

const session = { userId: "ada", sid: "one", roles: ["user"], authTime: 1_800_000_000 };

test("a session without a token makes the same identity as one of our tokens", () => {
  const identity = identityOfSession(session);
  expect(identity).toEqual({
    subject: "ada",
    sessionId: "one",
    roles: ["user"],
    scope: [],
    authTime: 1_800_000_000,
    factors: 1,
    claims: { sub: "ada", sid: "one", roles: ["user"], auth_time: 1_800_000_000 },
  });
  expect(identityOfSession({ ...session, acr: twoFactorAcr, amr: ["pwd", "otp", "mfa"] })).toMatchObject({
    factors: 2,
    claims: { acr: "aal2", amr: ["pwd", "otp", "mfa"] },
  });
  expect(Object.isFrozen(identity) && Object.isFrozen(identity.claims)).toBe(true);
});

test("a session meets or fails the requirements of a route as a token does", () => {
  const authenticator = { authenticate: () => identityOfSession(session), now: () => 1_800_000_100 };
  const ask = (requirements: Parameters<typeof requireIdentity>[1]) =>
    requireIdentity(authenticator, requirements)(undefined);
  expect(ask({ roles: ["user", "admin"], maxAuthAgeSeconds: 100 })).toMatchObject({ subject: "ada" });
  expect(() => ask({ roles: ["admin"] })).toThrow(expect.objectContaining({ code: "role_missing" }));
  expect(() => ask({ scope: ["posts"] })).toThrow(expect.objectContaining({ code: "scope_missing" }));
  expect(() => ask({ maxAuthAgeSeconds: 99 })).toThrow(
    expect.objectContaining({ code: "authentication_too_old" }),
  );
});
