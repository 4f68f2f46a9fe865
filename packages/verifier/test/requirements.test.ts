// What a route may ask, and what is refused as a mistake when the guard is made.
import { expect, test } from "vitest";
import { createAccessVerifier, requireIdentity } from "../src/index.ts";
import type { Identity, Requirements } from "../src/index.ts";
import { audience, issuer, issuerWithSecret } from "./fixtures/issuer.ts";
import { refusalOf } from "./fixtures/refusal.ts";

const local = issuerWithSecret();
const verifier = createAccessVerifier({ issuer, audience, keys: local.keys, revocations: null });

test("a requirement that is misspelt, empty or senseless is a TypeError, not one that is never enforced", () => {
  const senseless: unknown[] = [
    { role: ["admin"] },
    { scopes: ["a"] },
    { roles: [] },
    { roles: "admin" },
    { roles: [1] },
    { roles: [""] },
    { roles: ["two words"] },
    { scope: [] },
    { scope: "posts:read" },
    { scope: ['a"b'] },
    { scope: ["a\\b"] },
    { scope: ["\u00e4"] },
    { maxAuthAgeSeconds: -1 },
    { maxAuthAgeSeconds: Number.NaN },
    { maxAuthAgeSeconds: "60" },
    { factors: 0 },
    { factors: 3 },
    { factors: "2" },
  ];
  for (const requirements of senseless) {
    expect(() => requireIdentity(verifier, requirements as Requirements)).toThrow(TypeError);
  }
});

test("changing the requirements afterwards changes nothing", async () => {
  const roles = ["admin"];
  const guard = requireIdentity(verifier, { roles });
  roles[0] = "user";
  expect((await refusalOf(() => guard(`Bearer ${local.issue()}`))).code).toBe("role_missing");
});

test("a guard works with an authenticator that is a class", () => {
  class Fixed {
    readonly time = 1000;
    authenticate(): Identity {
      return { subject: "ada", authTime: this.time - 10 } as Identity;
    }
    now(): number {
      return this.time;
    }
  }
  expect(requireIdentity(new Fixed(), { maxAuthAgeSeconds: 10 })(undefined)).toMatchObject({
    subject: "ada",
  });
  expect(() => requireIdentity(new Fixed(), { maxAuthAgeSeconds: 9 })(undefined)).toThrow(
    expect.objectContaining({ code: "authentication_too_old" }),
  );
});
