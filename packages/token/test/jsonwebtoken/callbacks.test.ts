/** The callback forms of jsonwebtoken 9. */
import { describe, expect, test } from "vitest";
import ours, { JsonWebTokenError, TokenExpiredError } from "@countersign/token/jsonwebtoken";
import theirs from "jsonwebtoken";
import { type Face, now, rsa, secret, tokenOf } from "./side-by-side.ts";

const at = { clockTimestamp: now };
const token = tokenOf({ sub: "42", iat: now, exp: now + 9 });

type Call = (face: Face, callback: (...parameters: unknown[]) => void) => unknown;

/** What the callback got, whether it got it before the call returned, and what the call returned. */
async function observe(call: Call, face: Face): Promise<unknown> {
  let returned: unknown;
  let hasReturned = false;
  const seen = await new Promise((resolve) => {
    returned = call(face, (error, value) => {
      const { name, message } = (error ?? {}) as Error;
      resolve({ message, value, name: name === "Error" ? "JsonWebTokenError" : name, late: hasReturned });
    });
    hasReturned = true;
  });
  return { seen, returned };
}

const calls: Record<string, Call> = {
  sign: ({ sign }, done) => sign({ iat: now }, secret, { expiresIn: 60 }, done),
  "sign without options": ({ sign }, done) => sign({ iat: now }, secret, done),
  "sign with options that are null": ({ sign }, done) => sign({ iat: now }, secret, null, done),
  "verify with a callback that has members": ({ verify }, done) =>
    verify(token, secret, Object.assign(done, { clockTimestamp: now, issuer: "nobody" })),
  "verify with options that are null": ({ verify }, done) => verify(token, secret, null, done),
  "sign with a wrong option": ({ sign }, done) => sign({ iat: now }, secret, { expiresIn: "x" }, done),
  verify: ({ verify }, done) => verify(token, secret, at, done),
  "verify without options": ({ verify }, done) => verify(token, secret, done),
  "verify an expired token": ({ verify }, done) => verify(token, secret, { clockTimestamp: now + 9 }, done),
  "verify nothing": ({ verify }, done) => verify(undefined, secret, at, done),
  "verify with a key that is looked up": ({ verify }, done) =>
    verify(
      token,
      lookUp((header) => (header.alg === "HS256" ? secret : "")),
      at,
      done,
    ),
  "verify with a key that is looked up later": ({ verify }, done) =>
    verify(token, (_: unknown, found: Found) => setImmediate(found, null, secret), at, done),
  "verify with a wrong key that is looked up": ({ verify }, done) =>
    verify(
      token,
      lookUp(() => rsa.publicKey),
      at,
      done,
    ),
  "verify with a key that is not found": ({ verify }, done) =>
    verify(
      token,
      lookUp(() => undefined),
      at,
      done,
    ),
  "verify when the look-up fails": ({ verify }, done) =>
    verify(token, (_: unknown, found: Found) => found(new RangeError("down")), at, done),
  "verify a malformed token with a look-up": ({ verify }, done) =>
    verify(
      "abc",
      lookUp(() => secret),
      at,
      done,
    ),
};

type Found = (error: Error | null, key?: unknown) => void;

function lookUp(find: (header: { alg: string }) => unknown): (header: { alg: string }, found: Found) => void {
  return (header, found) => found(null, find(header));
}

describe("both call back alike", () => {
  for (const [name, call] of Object.entries(calls)) {
    test(name, async () => {
      const [one, other] = await Promise.all(
        [ours, theirs].map(async (face) => observe(call, face as unknown as Face)),
      );
      const quiet = (observed: unknown) => ({ ...(observed as object), returned: undefined });
      expect(quiet(one)).toEqual(quiet(other));
    });
  }
});

test("a look-up without a callback is an error", () => {
  const verify = ours.verify as unknown as Face["verify"];
  expect(() =>
    verify(
      token,
      lookUp(() => secret),
    ),
  ).toThrow(/must be called asynchronous/);
});

test("what a callback throws is its caller's, and it is called once", () => {
  let calls = 0;
  const callback = (): void => {
    calls += 1;
    throw new RangeError("from the callback");
  };
  expect(() => ours.verify(token, secret, at, callback)).toThrow("from the callback");
  expect(() => ours.verify("abc", secret, at, callback)).toThrow("from the callback");
  expect(calls).toBe(2);
});

test("an error has what caused it, where something did", () => {
  const cause = new RangeError("cause");
  expect(new JsonWebTokenError("message", cause)).toMatchObject({ message: "message", inner: cause });
  expect(new JsonWebTokenError("message")).not.toHaveProperty("inner");
});

test("the error classes are kinds of each other, and of Error", () => {
  const expired = new TokenExpiredError("jwt expired", new Date(0));
  expect(expired).toBeInstanceOf(JsonWebTokenError);
  expect(expired).toBeInstanceOf(Error);
  expect(JSON.parse(JSON.stringify(expired))).toEqual(
    JSON.parse(JSON.stringify(new theirs.TokenExpiredError("jwt expired", new Date(0)))),
  );
});
