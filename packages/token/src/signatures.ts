/** Signing and checking texts: one pair of functions for each key, compiled when the key is made. */
import crypto, { type KeyObject, type SignKeyObjectInput, type VerifyKeyObjectInput } from "node:crypto";
import type { AsymmetricAlgorithm, HmacAlgorithm } from "./algorithms.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { ecdsaFromDer, ecdsaToDer } from "./ecdsa-der.ts";
import { createKeyedHmac } from "./hmac.ts";

/** The canonical base64url signature of a signing input. */
export type Sign = (input: string) => string;

/** Whether `signature` is a canonical base64url signature of `input`. */
export type Verify = (input: string, signature: string) => boolean;

/** Both directions of a secret. */
export function hmacSignature(algorithm: HmacAlgorithm, secret: Uint8Array): { sign: Sign; verify: Verify } {
  const sign = createKeyedHmac(algorithm, secret);
  const expected = Buffer.alloc(base64urlLength(algorithm.hashLength));
  const given = Buffer.alloc(expected.length);
  return {
    sign,
    verify: (input, signature) => {
      if (signature.length !== expected.length) return false;
      const mac = sign(input);
      expected.write(mac, "latin1");
      given.write(signature, "latin1");
      // In constant time (RFC 7518 §3.2). The second comparison then excludes characters that latin1 folds together.
      return crypto.timingSafeEqual(expected, given) && mac === signature;
    },
  };
}

/** The signing direction of a private key. */
export function asymmetricSign(algorithm: AsymmetricAlgorithm, privateKey: KeyObject): Sign {
  const hash = hashOf(algorithm);
  const key = withPadding(algorithm, privateKey);
  const signText = (input: string): Buffer => crypto.sign(hash, Buffer.from(input, "utf8"), key);
  if (algorithm.kty !== "EC") return (input) => encodeBase64url(signText(input));
  return (input) => encodeBase64url(ecdsaFromDer(signText(input), algorithm.coordinateLength));
}

/** The verifying direction of a public key. `length` is the number of bytes of each of its signatures. */
export function asymmetricVerify(
  algorithm: AsymmetricAlgorithm,
  publicKey: KeyObject,
  length: number,
): Verify {
  const hash = hashOf(algorithm);
  const key = withPadding(algorithm, publicKey);
  const textLength = base64urlLength(length);
  return (input, signature) => {
    // The length is judged before any byte reaches OpenSSL (RFC 7518 §3.3, §3.4, RFC 8032 §5.1.7).
    if (signature.length !== textLength) return false;
    const bytes = decodeBase64url(signature);
    if (bytes === undefined) return false;
    const data = Buffer.from(input, "utf8");
    return crypto.verify(hash, data, key, algorithm.kty === "EC" ? ecdsaToDer(bytes) : bytes);
  };
}

function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

function hashOf(algorithm: AsymmetricAlgorithm): string | null {
  return "hash" in algorithm ? algorithm.hash : null;
}

/** Only PSS needs options; all else goes with the bare key, which is faster (see ecdsa-der.ts). */
function withPadding(
  algorithm: AsymmetricAlgorithm,
  key: KeyObject,
): KeyObject | (SignKeyObjectInput & VerifyKeyObjectInput) {
  if (algorithm.kty !== "RSA" || algorithm.saltLength === undefined) return key;
  // RFC 7518 §3.5: the salt is exactly as long as the hash, when verifying too.
  return { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength };
}
