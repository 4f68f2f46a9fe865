import { randomBytes } from "node:crypto";
import { beforeEach, expect, expectTypeOf, test } from "vitest";
import {
  createSigner,
  createVerifier,
  type KeySet,
  keySet,
  secretKey,
  TokenError,
  type Verified,
} from "../src/index.ts";

let settings: { keys: KeySet; type: null; issuer: null; audience: null };
let token: string;

beforeEach(() => {
  const key = secretKey("HS256", randomBytes(32));
  settings = { keys: keySet([key]), type: null, issuer: null, audience: null };
  token = createSigner({ key, type: null, lifetimeSeconds: 600 })({ sub: "user-1", roles: ["user"] });
});

interface Claims {
  readonly roles: readonly string[];
}

test("a verifier returns what `transform` makes of the claims, and its type says so", () => {
  const verify = createVerifier({
    ...settings,
    transform: ({ sub, roles }: Verified<Claims>) => `${sub} ${roles.join()}`,
  });
  expectTypeOf(verify).returns.toBeString();
  expect(verify(token)).toBe("user-1 user");
});

test("a result is made once for a token that is remembered, and for every use of one that is not", () => {
  let made = 0;
  const transform = (): object => ({ made: (made += 1) });
  const remembering = createVerifier({ ...settings, rememberTokens: 10, transform });
  const [, second, third] = [remembering(token), remembering(token), remembering(token)];
  expect(third).toBe(second);
  expect(made).toBe(2);
  const forgetting = createVerifier({ ...settings, transform });
  expect(forgetting(token)).not.toBe(forgetting(token));
});

test("claims are frozen, deep, from the first use on where tokens are remembered", () => {
  const verify = createVerifier<Claims>({ ...settings, rememberTokens: 10 });
  for (let time = 0; time < 3; time += 1) {
    const claims = verify(token);
    expect(Object.isFrozen(claims)).toBe(true);
    expect(Object.isFrozen(claims.roles)).toBe(true);
  }
});

test("nothing is made of claims that do not hold, and what throws is not remembered", () => {
  const made: unknown[] = [];
  let now = 1;
  const verify = createVerifier({
    ...settings,
    rememberTokens: 10,
    now: () => now,
    transform(claims) {
      made.push(claims);
      if (made.length < 4) throw new RangeError("not this one");
      return "made";
    },
  });
  expect(() => verify(token)).toThrow(TokenError);
  expect(made).toEqual([]);
  now = Math.floor(Date.now() / 1000) + 1;
  for (let time = 0; time < 3; time += 1) expect(() => verify(token)).toThrow(RangeError);
  expect(verify(token)).toBe("made");
});

test("a transform that is not a function is a mistake", () => {
  expect(() => createVerifier({ ...settings, transform: "claims" as never })).toThrow(TypeError);
});
