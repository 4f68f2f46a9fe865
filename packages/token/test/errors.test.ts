import { describe, expect, test } from "vitest";
import { TokenError } from "../src/index.ts";

describe("TokenError", () => {
  test("has a code, a sentence, a claim if there is one, and no stack", () => {
    const error = new TokenError("claim_missing", "exp");
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("TokenError");
    expect(error.code).toBe("claim_missing");
    expect(error.claim).toBe("exp");
    expect(error.message).toBe("The token lacks a required claim: exp");
    expect(error.stack).toBe("TokenError: The token lacks a required claim: exp");
  });

  test("without a claim has none in its sentence", () => {
    const error = new TokenError("expired");
    expect(error.claim).toBeUndefined();
    expect(error.message).toBe("The token has expired");
  });

  test("leaves the stacks of other errors alone", () => {
    const limit = Error.stackTraceLimit;
    expect(new TokenError("revoked").code).toBe("revoked");
    expect(Error.stackTraceLimit).toBe(limit);
    expect(limit).toBeGreaterThan(0);
  });

  test.each([
    ["malformed", "not a well-formed JSON Web Token"],
    ["too_large", "longer than allowed"],
    ["algorithm_not_allowed", "not the algorithm of any key"],
    ["critical_header", "an extension that is not supported"],
    ["wrong_type", "another type than expected"],
    ["unknown_key", "names no key that is trusted"],
    ["bad_signature", "signature does not hold"],
    ["expired", "has expired"],
    ["not_yet_valid", "is not valid yet"],
    ["claim_missing", "lacks a required claim"],
    ["claim_invalid", "not of the right type"],
    ["wrong_issuer", "from another issuer"],
    ["wrong_audience", "for another audience"],
    ["revoked", "has been revoked"],
  ] as const)("%s says so", (code, sentence) => {
    expect(new TokenError(code).message).toContain(sentence);
  });
});
