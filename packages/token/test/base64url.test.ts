import { describe, expect, test } from "vitest";
import { decodeBase64url, decodeUtf8, encodeBase64url, encodeText, isAscii } from "../src/base64url.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("base64url", () => {
  test("encodes the bytes of a view, and only those", () => {
    expect(encodeBase64url(new Uint8Array([1, 2, 255, 254, 3, 4]).subarray(2, 5))).toBe("__4D");
    expect(encodeText("ü?>")).toBe("w7w_Pg");
  });

  test("decodes what it encodes, at every length", () => {
    for (let length = 0; length < 70; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 89 + length * 7) % 256);
      expect(decodeBase64url(encodeBase64url(bytes))).toEqual(Buffer.from(bytes));
    }
  });

  test("TV-05: has exactly one text for each one, two or three bytes (RFC 4648 §3.5)", () => {
    // A one-byte group has 64² texts, of which 256 are canonical; a two-byte group is tried by its last character.
    const canonical = new Set<string>();
    for (const first of alphabet) {
      for (const second of alphabet) if (decodeBase64url(first + second)) canonical.add(first + second);
    }
    expect(canonical.size).toBe(256);
    expect(Array.from(alphabet, (last) => decodeBase64url(`AA${last}`)).filter(Boolean)).toHaveLength(16);
    expect(Array.from(alphabet, (last) => decodeBase64url(`AAA${last}`)).filter(Boolean)).toHaveLength(64);
    expect(Array.from(alphabet, (last) => decodeBase64url(`AAAA${last}`)).filter(Boolean)).toHaveLength(0);
  });

  test("TV-05: refuses every character that is not of the alphabet, wherever it stands (RFC 7515 §2)", () => {
    const foreign = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => !alphabet.includes(character),
    );
    const accepted = foreign
      .flatMap((each) => [each, `${each}AAA`, `AAA${each}`, `AAAAA${each}`, `AAAA${each}AA`])
      .filter((text) => decodeBase64url(text) !== undefined);
    expect(accepted).toEqual([]);
  });

  test("refuses padding and white space around good text", () => {
    for (const text of ["AA==", "AAA=", "AAAA=", "=AAA", "A=AA", " AAAA", "AAAA\n", "AA\tAA"]) {
      expect(decodeBase64url(text), JSON.stringify(text)).toBeUndefined();
    }
  });
});

describe("UTF-8", () => {
  test("is decoded up to the length", () => {
    expect(decodeUtf8(Buffer.from("aüb𝄞"))).toBe("aüb𝄞");
    expect(decodeUtf8(Buffer.from("abc"), 2)).toBe("ab");
    expect(decodeUtf8(Buffer.from([0x61, 0xff]), 1)).toBe("a");
  });

  test("keeps a byte order mark and a replacement character that were sent", () => {
    expect(decodeUtf8(Buffer.from("\ufeffa"))).toBe("\ufeffa");
    expect(decodeUtf8(Buffer.from("a\ufffd"))).toBe("a\ufffd");
  });

  test("TV-05: is refused where it is none: stray, overlong and surrogate bytes (RFC 3629 §3)", () => {
    for (const bytes of [
      [0xff],
      [0x61, 0x80],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xc3],
    ]) {
      expect(decodeUtf8(Buffer.from(bytes))).toBeUndefined();
    }
  });
});

test("only characters below U+0080 are ASCII", () => {
  expect(isAscii("\0\u007fA")).toBe(true);
  expect(isAscii("A\u0080")).toBe(false);
  expect(isAscii("\ud800")).toBe(false);
});
