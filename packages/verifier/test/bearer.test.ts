// Reading the Authorization header.
import { expect, test } from "vitest";
import { assertOneToken, authorizationOf, bearerToken } from "../src/bearer.ts";

test("the scheme is case-insensitive (RFC 9110 §11.1)", () => {
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"])
    expect(bearerToken(`${scheme} a.b.c`)).toBe("a.b.c");
});

test("RFC 6750 §2.1: any number of spaces may stand before the token", () => {
  expect(bearerToken("Bearer  a.b.c")).toBe("a.b.c");
  expect(bearerToken(`bearer${" ".repeat(50)}a.b.c`)).toBe("a.b.c");
});

test("TV-11: refuses whatever is not exactly one token", () => {
  for (const header of [
    "Bearer",
    "bearer",
    "Bearer ",
    "Bearer   ",
    "Bearer a ",
    "Bearer a b",
    "Bearer a,b",
    "Bearer\ta",
  ]) {
    expect(() => assertOneToken(bearerToken(header))).toThrow(
      expect.objectContaining({ code: "credentials_malformed" }),
    );
  }
  for (const header of ["", " ", " Bearer a", "\u0000", "ä", ["Bearer a"], null, 1]) {
    expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code: "credentials_malformed" }));
  }
});

test("tells no credentials from credentials of another scheme (RFC 6750 §3.1)", () => {
  expect(() => bearerToken(undefined)).toThrow(expect.objectContaining({ code: "credentials_missing" }));
  for (const header of ["Basic YTpi", "Bearerx a", "DPoP a.b.c", "Negotiate", "%"]) {
    expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code: "scheme_not_supported" }));
  }
});

test("joins several header lines, so that two tokens are seen as two", () => {
  const rawHeaders = ["Authorization", "Bearer a", "Accept", "*/*", "authorization", "Bearer b"];
  expect(authorizationOf({ rawHeaders })).toBe("Bearer a, Bearer b");
  expect(authorizationOf({ rawHeaders: ["Cache-Control", "no-cache"] })).toBeUndefined();
  expect(authorizationOf(Object.create({ authorization: "Bearer inherited" }))).toBeUndefined();
});
