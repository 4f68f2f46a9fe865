/** Random input: it is signed alike, and refused with the error class that callers know. */
import ours, { JsonWebTokenError } from "@countersign/token/jsonwebtoken";
import fc from "fast-check";
import theirs from "jsonwebtoken";
import { expect, test } from "vitest";
import { now, secret, tokenOf } from "./side-by-side.ts";

const iat = now;
const at = { clockTimestamp: now };
const token = tokenOf({ sub: "42", iat, exp: now + 9 });

test("spans of time end when theirs end", () => {
  const unit = fc.constantFrom(
    "",
    "ms",
    "s",
    "secs",
    "M",
    "minutes",
    "Hrs",
    "d",
    "Days",
    "w",
    "year",
    "yrs",
    "moons",
    "sm",
  );
  const amount = fc.oneof(
    fc.integer().map(String),
    fc.double({ noNaN: true }).map(String),
    fc.string({ maxLength: 4 }),
  );
  const spans = fc.tuple(amount, fc.constantFrom("", " ", "  "), unit).map((parts) => parts.join(""));
  const claimsOf = (face: { sign: typeof ours.sign }, expiresIn: string): unknown => {
    try {
      return face.sign({ iat }, secret, { expiresIn });
    } catch (error) {
      return (error as Error).message;
    }
  };
  fc.assert(
    fc.property(spans, (span) => {
      expect(claimsOf(ours, span)).toEqual(claimsOf(theirs as never, span));
    }),
    { numRuns: 2000 },
  );
});

const timeClaims = new Set(["iat", "exp", "nbf"]);

test("any claims give the same token", () => {
  const claims = fc.dictionary(
    fc.string({ unit: "grapheme" }).filter((name) => !timeClaims.has(name) && !(name in {})),
    fc.jsonValue({ stringUnit: "grapheme", maxDepth: 5 }),
  );
  fc.assert(
    fc.property(claims, (payload) => {
      expect(ours.sign({ ...payload, iat }, secret)).toBe(theirs.sign({ ...payload, iat }, secret));
    }),
    { numRuns: 1000 },
  );
});

test("any text is verified or refused with a JsonWebTokenError, and decode gives null", () => {
  const segment = fc.oneof(
    fc.constantFrom("", ...token.split(".")),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString("base64url")),
    fc.string(),
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(segment, { minLength: 2, maxLength: 4 }).map((parts) => parts.join(".")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      ours.decode(text);
      try {
        ours.verify(text, secret, at);
        expect(text).toBe(token);
      } catch (error) {
        expect(error).toBeInstanceOf(JsonWebTokenError);
      }
    }),
    { numRuns: 3000 },
  );
});
