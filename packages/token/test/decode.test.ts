import { describe, expect, test } from "vitest";
import { decode } from "../src/index.ts";
import { forge, segmentOf } from "./fixtures.ts";

const refused = (code: string): unknown => expect.objectContaining({ name: "TokenError", code });

describe("decode", () => {
  test("shows the parts of a token, and trusts none", () => {
    const token = forge({ alg: "none", crit: ["x"] }, { sub: "42", exp: "never" });
    const signature = token.split(".")[2];
    expect(decode(token)).toEqual({
      header: { alg: "none", crit: ["x"] },
      payload: { sub: "42", exp: "never" },
      signature,
    });
    expect(decode(token.replace(/[^.]*$/, "")).signature).toBe("");
    expect(decode(token.replace(/[^.]*$/, "not base64url!")).signature).toBe("not base64url!");
  });

  test("is as strict about form as a verifier (RFC 7515 §5.2)", () => {
    const [header, payload] = [segmentOf({ alg: "HS256" }), segmentOf({})];
    for (const text of [
      "",
      "a",
      header,
      `${header}.${payload}`,
      `${header}.${payload}..`,
      `${header}.${payload}.a.b.c`,
      `.${payload}.`,
      `${header}..`,
      `${header}=.${payload}.`,
      `${header}.${payload} .`,
      `\u012b${header.slice(1)}.${payload}.`,
      `${segmentOf("[]")}.${payload}.`,
      `${header}.${segmentOf('{"a":1,"a":2}')}.`,
    ]) {
      expect(() => decode(text), text).toThrow(refused("malformed"));
    }
    for (const value of [undefined, null, 7, {}]) {
      expect(() => decode(value as string)).toThrow(refused("malformed"));
    }
  });

  test("takes no character outside of ASCII for one of the alphabet", () => {
    // "-" stands for 62, and so it would U+012B, which a decoder may read as its low byte, "+".
    const segment = segmentOf({ alg: "HS256", x: "~~>" });
    expect(segment).toContain("-");
    const other = segment.replace("-", "\u012b");
    expect(decode(`${segment}.${segment}.`).payload).toEqual({ alg: "HS256", x: "~~>" });
    expect(() => decode(`${other}.${segment}.`)).toThrow(refused("malformed"));
    expect(() => decode(`${segment}.${other}.`)).toThrow(refused("malformed"));
  });

  test("reads at most 16,777,216 characters", () => {
    expect(() => decode("a".repeat(2 ** 24))).toThrow(refused("malformed"));
    expect(() => decode("a".repeat(2 ** 24 + 1))).toThrow(refused("too_large"));
  });
});
