import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMasterKey, keyPurposes } from "../../src/keys/master-key.ts";
import { createRefreshTokens } from "../../src/tokens/refresh-token.ts";

const key = createSecretKey(randomBytes(32));
const tokens = createRefreshTokens(key);
const newSid = (): string => randomBytes(16).toString("base64url");
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("refresh tokens", () => {
  test("RS-01: what was issued is read back, at every generation", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (sidBytes, generation) => {
          const sid = Buffer.from(sidBytes).toString("base64url");
          const text = tokens.issue({ sid, generation });
          expect(text).toMatch(/^[A-Za-z0-9_-]{71}$/);
          expect(tokens.read(text)).toEqual({ sid, generation });
        },
      ),
    );
  });

  test("RS-01: the same session and generation give the same token, so a retry needs nothing stored", () => {
    const sid = newSid();
    expect(tokens.issue({ sid, generation: 7 })).toBe(tokens.issue({ sid, generation: 7 }));
    expect(tokens.issue({ sid, generation: 7 })).not.toBe(tokens.issue({ sid, generation: 8 }));
  });

  test("RS-02: 100,000 forged tokens with a real session id are all refused", () => {
    const sid = newSid();
    const real = Buffer.from(tokens.issue({ sid, generation: 5 }), "base64url");
    let accepted = 0;
    for (let i = 0; i < 100_000; i++) {
      const forged = Buffer.from(real);
      if (i % 2 === 0) randomBytes(32).copy(forged, 21);
      else forged.writeUInt32BE((6 + i) >>> 0, 17);
      if (tokens.read(forged.toString("base64url")) !== null) accepted++;
    }
    expect(accepted).toBe(0);
  });

  test("RS-02: every flipped bit of a real token is refused", () => {
    const real = Buffer.from(tokens.issue({ sid: newSid(), generation: 1 }), "base64url");
    for (let bit = 0; bit < real.length * 8; bit++) {
      const changed = Buffer.from(real);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(tokens.read(changed.toString("base64url"))).toBeNull();
    }
  });

  test("RS-02: a token has one spelling: other trailing bits, alphabets, padding and white space are refused", () => {
    const real = tokens.issue({ sid: newSid(), generation: 1 });
    const last = alphabet.indexOf(real.at(-1) ?? "");
    for (let bits = 1; bits < 4; bits++) {
      expect(tokens.read(real.slice(0, -1) + alphabet[last ^ bits])).toBeNull();
    }
    const spelled = [
      `${real}=`,
      `${real}==`,
      ` ${real}`,
      `${real}\n`,
      `${real}A`,
      real.slice(1),
      real.slice(0, -1),
    ];
    for (const text of spelled) expect(tokens.read(text)).toBeNull();
    for (let i = 0; i < 500; i++) {
      const token = tokens.issue({ sid: newSid(), generation: i });
      const respelled = token.replaceAll("-", "+").replaceAll("_", "/");
      expect(respelled !== token && tokens.read(respelled) !== null).toBe(false);
    }
    expect(tokens.read(`${real.slice(0, 30)} ${real.slice(31)}`)).toBeNull();
    expect(tokens.read(`${real.slice(0, 30)}\n${real.slice(30, -1)}`)).toBeNull();
  });

  test("RS-02: whatever text comes, the answer is null and never an exception", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => tokens.read(text) === null),
    );
    for (const value of ["", "null", "é".repeat(71), "\u0000".repeat(71), "A".repeat(1_000_000)]) {
      expect(tokens.read(value)).toBeNull();
    }
    for (const value of [undefined, null, 71, {}, ["A".repeat(71)]]) {
      expect(tokens.read(value as string)).toBeNull();
    }
  });

  test("TI-03: a plain HMAC of the same bytes, or of another purpose's key, is no refresh token", () => {
    const body = Buffer.from(tokens.issue({ sid: newSid(), generation: 1 }), "base64url").subarray(0, 21);
    const unlabelled = Buffer.concat([body, createHmac("sha256", key).update(body).digest()]);
    expect(tokens.read(unlabelled.toString("base64url"))).toBeNull();

    const masterKey = createMasterKey(randomBytes(32));
    const ours = createRefreshTokens(masterKey.derive("refresh-token"));
    for (const purpose of keyPurposes.filter((name) => name !== "refresh-token")) {
      const other = createRefreshTokens(masterKey.derive(purpose));
      expect(ours.read(other.issue({ sid: newSid(), generation: 1 }))).toBeNull();
    }
  });

  test("TI-03: a token of another version is refused even with a MAC that holds", () => {
    const bytes = Buffer.from(tokens.issue({ sid: newSid(), generation: 1 }), "base64url");
    bytes[0] = 2;
    const domain = Buffer.from("countersign refresh token v1\0");
    createHmac("sha256", key).update(domain).update(bytes.subarray(0, 21)).digest().copy(bytes, 21);
    expect(tokens.read(bytes.toString("base64url"))).toBeNull();
    // The same computation over version 1 does make a token, so the line above tests the version alone.
    bytes[0] = 1;
    createHmac("sha256", key).update(domain).update(bytes.subarray(0, 21)).digest().copy(bytes, 21);
    expect(tokens.read(bytes.toString("base64url"))).not.toBeNull();
  });

  test("a session id or generation out of range is a TypeError", () => {
    const sid = newSid();
    for (const generation of [-1, 1.5, 2 ** 32, Number.NaN]) {
      expect(() => tokens.issue({ sid, generation })).toThrow(TypeError);
    }
    for (const wrong of ["", "short", `${sid}A`, sid.slice(0, -1), "!".repeat(22)]) {
      expect(() => tokens.issue({ sid: wrong, generation: 1 })).toThrow(TypeError);
    }
    expect(() => createRefreshTokens(createSecretKey(randomBytes(31)))).toThrow(TypeError);
  });
});
