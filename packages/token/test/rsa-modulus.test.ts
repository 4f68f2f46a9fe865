import crypto from "node:crypto";
import { describe, expect, test } from "vitest";
import { assertSoundModulus } from "../src/rsa-modulus.ts";

const f4 = Buffer.from("010001", "hex");

function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
}

function honestModulus(bits: number): bigint {
  const { n = "" } = crypto
    .generateKeyPairSync("rsa", { modulusLength: bits })
    .publicKey.export({ format: "jwk" });
  return BigInt(`0x${Buffer.from(n, "base64url").toString("hex")}`);
}

/** The primes up to 167. */
const primes = Array.from({ length: 168 }, (_, number) => number).filter(
  (number) =>
    number > 1 && Array.from({ length: number - 2 }, (_, index) => index + 2).every((d) => number % d !== 0),
);

/** A number of that many bits, congruent to `rest` modulo `modulus`. */
function congruent(bits: number, rest: bigint, modulus: bigint): bigint {
  const top = 1n << BigInt(bits - 1);
  return top + modulus - (top % modulus) + rest;
}

const primorial = primes.reduce((product, prime) => product * BigInt(prime), 1n);

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let count = 0n; count < exponent; count += 1n) result = (result * base) % modulus;
  return result;
}

describe("an RSA modulus", () => {
  const sound = honestModulus(2048);

  test("of an honest key is sound", () => {
    for (let round = 0; round < 5; round += 1) {
      expect(() => assertSoundModulus(bytesOf(honestModulus(2048)), f4)).not.toThrow();
    }
  });

  test("has at least 2048 bits, counted exactly (RFC 7518 §3.3)", () => {
    expect(() => assertSoundModulus(bytesOf(sound >> 1n), f4)).toThrow("at least 2048 bits");
    expect(() => assertSoundModulus(bytesOf(honestModulus(1024)), f4)).toThrow("at least 2048 bits");
    expect(() => assertSoundModulus(bytesOf(congruent(2047, 1n, 2n)), f4)).toThrow("at least 2048 bits");
  });

  test("has at most 16384 bits", () => {
    const big = congruent(16_384, 2n, primorial) | 1n;
    expect(() => assertSoundModulus(bytesOf(congruent(16_385, 1n, primorial)), f4)).toThrow(
      "at most 16384 bits",
    );
    expect(() => assertSoundModulus(bytesOf(big), f4)).not.toThrow("16384");
  });

  test("has no small factor", () => {
    for (const prime of primes) {
      // A multiple of this prime alone.
      const multiple = congruent(2048, BigInt(prime), primorial);
      expect(() => assertSoundModulus(bytesOf(multiple), f4), String(prime)).toThrow("small factor");
    }
    // 173 is not tried: a multiple of it, and of no smaller prime, passes.
    const multiple = 173n * (congruent(2048, 2n, primorial) / 173n);
    const first = Array.from({ length: 2000 }, (_, index) => multiple + 173n * BigInt(index)).find(
      (candidate) => primes.every((prime) => candidate % BigInt(prime) !== 0n),
    );
    expect(() => assertSoundModulus(bytesOf(first ?? 0n), f4)).not.toThrow();
  });

  test("has no fingerprint of ROCA (CVE-2017-15361)", () => {
    for (const exponent of [0n, 1n, 2n, 77n]) {
      const modulus = congruent(2048, power(65_537n, exponent, primorial), primorial);
      expect(() => assertSoundModulus(bytesOf(modulus), f4), String(exponent)).toThrow("CVE-2017-15361");
    }
  });

  test("is not taken for one of ROCA if a single prime disagrees", () => {
    // Modulo 11, the powers of 65,537 are 1 and 10; modulo 13 they are 1, 3, 4, 9, 10, 12.
    const rest = power(65_537n, 5n, primorial);
    for (const [prime, outside] of [
      [11n, 2n],
      [13n, 2n],
      [37n, 2n],
      [97n, 5n],
    ] as const) {
      const others = primorial / prime;
      let shifted = rest;
      while (shifted % prime !== outside) shifted += others;
      const modulus = congruent(2048, shifted % primorial, primorial);
      expect(() => assertSoundModulus(bytesOf(modulus), f4), String(prime)).not.toThrow();
    }
  });
});

describe("an RSA exponent", () => {
  const modulus = bytesOf(honestModulus(2048));

  test.each([1n, 2n, 3n, 17n, 257n, 65_535n, 65_536n, 65_538n, 2n ** 63n])("%i is refused", (exponent) => {
    expect(() => assertSoundModulus(modulus, bytesOf(exponent))).toThrow("odd and at least 65537");
  });

  test.each([65_537n, 65_539n, 2n ** 32n + 1n, 2n ** 64n - 1n])("%i is taken", (exponent) => {
    expect(() => assertSoundModulus(modulus, bytesOf(exponent))).not.toThrow();
  });

  test("has at most 64 bits", () => {
    expect(() => assertSoundModulus(modulus, bytesOf(2n ** 64n + 1n))).toThrow("at most 64 bits");
  });
});
