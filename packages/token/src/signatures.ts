/** Signing and checking texts: one pair of functions for each key, compiled when the key is made. */
import crypto, { type KeyObject } from "node:crypto";
import type { AsymmetricAlgorithm, HmacAlgorithm } from "./algorithms.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { ecdsaFromDer, ecdsaToDer } from "./ecdsa-der.ts";
import { createHmac } from "./hmac.ts";
import { pssSign, pssVerify } from "./rsa-pss.ts";

/** The canonical base64url signature of a signing input. */
export type Sign = (input: string) => string;

/**
 * Whether what stands behind the dot at index `dot` is a canonical base64url signature of what stands before it, and
 * that is ASCII.
 */
export type Verify = (token: string, dot: number) => boolean;

/** Characters of `bytes` bytes in base64url. */
export function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** Both directions of a secret. */
export function hmacSignature(algorithm: HmacAlgorithm, secret: Uint8Array): { sign: Sign; verify: Verify } {
  const hmac = createHmac(algorithm, secret);
  const expected = Buffer.alloc(base64urlLength(algorithm.hashLength));
  const given = Buffer.alloc(expected.length);
  return {
    sign: (input) => {
      const mac = hmac(input, input.length);
      if (mac === undefined) throw new TypeError("only ASCII texts can be signed");
      return mac;
    },
    verify: (token, dot) => {
      const mac = hmac(token, dot);
      if (mac === undefined || token.length !== dot + 1 + mac.length) return false;
      expected.write(mac, "latin1");
      given.write(token.slice(dot + 1), "latin1");
      // RFC 7518 §3.2: in constant time. There is one text for each MAC: its encoding is judged with it.
      return crypto.timingSafeEqual(expected, given);
    },
  };
}

/** The signing direction of a private key. */
export function asymmetricSign(algorithm: AsymmetricAlgorithm, privateKey: KeyObject): Sign {
  const sign = signBytes(algorithm, privateKey);
  if (algorithm.kty !== "EC") return (input) => encodeBase64url(sign(Buffer.from(input, "utf8")));
  return (input) =>
    encodeBase64url(ecdsaFromDer(sign(Buffer.from(input, "utf8")), algorithm.coordinateLength));
}

/** Whether bytes are signed by other bytes. */
export type VerifyBytes = (input: Uint8Array, signature: Uint8Array) => boolean;

/** The verifying direction of a public key. `length` is the number of bytes of each of its signatures. */
export function asymmetricVerify(
  algorithm: AsymmetricAlgorithm,
  publicKey: KeyObject,
  length: number,
): { verifyBytes: VerifyBytes; verify: Verify } {
  const verifyUnbounded = verifyBytesWith(algorithm, publicKey);
  // The length is judged before any byte reaches OpenSSL (RFC 7518 §3.3, §3.4, RFC 8032 §5.1.7).
  const verifyBytes: VerifyBytes = (input, signature) =>
    signature.length === length && verifyUnbounded(input, signature);
  return {
    verifyBytes,
    verify: (token, dot) => {
      const signature = decodeBase64url(token.slice(dot + 1));
      const input = Buffer.from(token.slice(0, dot), "utf8");
      return signature !== undefined && input.length === dot && verifyBytes(input, signature);
    },
  };
}

function hashOf(algorithm: AsymmetricAlgorithm): string | null {
  return "hash" in algorithm ? algorithm.hash : null;
}

/** PSS needs options; all else goes with the bare key, which is faster (see ecdsa-der.ts). */
function signBytes(algorithm: AsymmetricAlgorithm, key: KeyObject): (input: Uint8Array) => Buffer {
  if (algorithm.kty === "RSA" && algorithm.saltLength !== undefined) {
    return pssSign({ hash: algorithm.hash, saltLength: algorithm.saltLength }, key);
  }
  const hash = hashOf(algorithm);
  return (input) => crypto.sign(hash, input, key);
}

function verifyBytesWith(algorithm: AsymmetricAlgorithm, key: KeyObject): VerifyBytes {
  if (algorithm.kty === "RSA" && algorithm.saltLength !== undefined) {
    return pssVerify({ hash: algorithm.hash, saltLength: algorithm.saltLength }, key);
  }
  const hash = hashOf(algorithm);
  if (algorithm.kty !== "EC") return (input, signature) => crypto.verify(hash, input, key, signature);
  return (input, signature) => crypto.verify(hash, input, key, ecdsaToDer(signature));
}
