// Keys of the right type and size that give their secret away, or need none.
import { checkPrimeSync, createPrivateKey, generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import type { SetupCase } from "../attack-case.ts";
import { compact, segment } from "../forge.ts";
import { forgeFrom, makeKeys } from "../keys.ts";
import { jwkOf, keyChallenge, setupCase, withKey } from "./challenge.ts";

export const brokenKeys: readonly SetupCase[] = [
  setupCase(
    {
      id: "K7",
      name: "RS256 with a public exponent of 3",
      forges: "any identity, where the padding is looked at carelessly",
      source: "CVE-2006-4339; FIPS 186-5 §A.1.1 (e > 2^16)",
      policy: "exponents are 65537 or more",
    },
    "RS256",
    (profile) => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 });
      return keyChallenge("RS256", privateKey, profile);
    },
  ),
  setupCase(
    {
      id: "K7",
      name: "RS256 with a key of a broken generator (ROCA)",
      forges: "any identity, after factoring the modulus",
      source: "CVE-2017-15361",
      policy: "the fingerprint of the generator is known, and looked for",
    },
    "RS256",
    (profile) => keyChallenge("RS256", createPrivateKey({ key: rocaJwk(), format: "jwk" }), profile),
  ),
  setupCase(
    {
      id: "S6",
      name: "Ed25519 with a public key of small order",
      forges: "any identity: one signature fits every token",
      source: "RFC 8032 §8.6, §5.1.7",
      policy: "a key under which everything verifies is none",
    },
    "Ed25519",
    (profile) => {
      const keys = makeKeys("Ed25519", profile);
      const { header, raised } = forgeFrom(keys);
      const publicJwk = jwkOf(keys, { x: segment(NEUTRAL) });
      const signature = Buffer.concat([NEUTRAL, Buffer.alloc(32)]);
      return {
        setup: withKey(keys, { publicJwk, jwks: { keys: [publicJwk] } }),
        token: compact(header, raised, signature),
      };
    },
  ),
];

/** The neutral element of the curve: as key and as R, and with s = 0, the equation of RFC 8032 §5.1.7 always holds. */
const NEUTRAL = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);

/** 65,537 to some power modulo M, plus a multiple of M: the primes of the generator (Nemec et al., CCS 2017, §2). */
function rocaJwk(): JsonWebKey {
  const e = 65_537n;
  const [p, q] = [rocaPrime(e), rocaPrime(e)];
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const members = Object.entries(numbers).map(([name, value]) => [name, bytesOf(value)]);
  return { kty: "RSA", ...(Object.fromEntries(members) as JsonWebKey) };
}

/** The product of the first 126 primes, which leaves 54 bits of a prime of 1,024 to choice. */
function primorial(): bigint {
  let product = 1n;
  for (let candidate = 2, count = 0; count < 126; candidate++) {
    if (!checkPrimeSync(BigInt(candidate))) continue;
    product *= BigInt(candidate);
    count++;
  }
  return product;
}

function rocaPrime(e: bigint): bigint {
  const m = primorial();
  const most = 2n ** 1024n / m;
  for (;;) {
    // In the upper half of the numbers of 1,024 bits, so that the product of two has 2,048.
    const k = most - 1n - BigInt(`0x${randomBytes(6).toString("hex")}`);
    const prime = k * m + power(e, BigInt(randomInt(1, 2 ** 32)), m);
    if (checkPrimeSync(prime)) return prime;
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if (rest & 1n) result = (result * square) % modulus;
  }
  return result;
}

/** By the extended algorithm of Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r, s, before, beforeS] = [value % modulus, 1n, modulus, 0n];
  while (r > 1n) {
    const quotient = before / r;
    [before, r, beforeS, s] = [r, before % r, s, beforeS - quotient * s];
  }
  return ((s % modulus) + modulus) % modulus;
}

function bytesOf(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
}
