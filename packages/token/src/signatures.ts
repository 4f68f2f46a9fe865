/** Signing and checking bytes: one pair of functions for each key, compiled when the key is made. */
import crypto, { type KeyObject, type SigningOptions } from "node:crypto";
import type { AsymmetricAlgorithm, HmacAlgorithm } from "./algorithms.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { createKeyedHmac } from "./hmac.ts";

/** The canonical base64url signature of a signing input. */
export type Sign = (input: string) => string;

/** Whether `signature` is a canonical base64url signature of `input`. */
export type Verify = (input: string, signature: string) => boolean;

/** Both directions of a secret. */
export function hmacSignature(algorithm: HmacAlgorithm, secret: Uint8Array): { sign: Sign; verify: Verify } {
  const sign = createKeyedHmac(algorithm, secret);
  const length = Math.ceil((algorithm.hashLength * 4) / 3);
  const expected = Buffer.alloc(length);
  const given = Buffer.alloc(length);
  return {
    sign,
    verify: (input, signature) => {
      if (signature.length !== length) return false;
      const text = sign(input);
      expected.write(text, "latin1");
      given.write(signature, "latin1");
      // In constant time (RFC 7518 §3.2). The second comparison then excludes characters that latin1 folds together.
      return crypto.timingSafeEqual(expected, given) && text === signature;
    },
  };
}

export function asymmetricSign(algorithm: AsymmetricAlgorithm, privateKey: KeyObject): Sign {
  const hash = hashOf(algorithm);
  const key = { key: privateKey, ...signingOptions(algorithm) };
  return (input) => encodeBase64url(crypto.sign(hash, Buffer.from(input, "utf8"), key));
}

export function asymmetricVerify(algorithm: AsymmetricAlgorithm, publicKey: KeyObject): Verify {
  const hash = hashOf(algorithm);
  const key = { key: publicKey, ...signingOptions(algorithm) };
  const length = signatureLength(algorithm, publicKey);
  return (input, signature) => {
    const bytes = decodeBase64url(signature);
    // The length is judged before the bytes reach OpenSSL (RFC 7518 §3.3, §3.4, RFC 8032 §5.1.7).
    if (bytes?.length !== length) return false;
    return crypto.verify(hash, Buffer.from(input, "utf8"), key, bytes);
  };
}

function hashOf(algorithm: AsymmetricAlgorithm): string | null {
  return "hash" in algorithm ? algorithm.hash : null;
}

function signingOptions(algorithm: AsymmetricAlgorithm): SigningOptions {
  if (algorithm.kty === "EC") return { dsaEncoding: "ieee-p1363" };
  if (algorithm.kty !== "RSA") return {};
  return algorithm.saltLength === undefined
    ? { padding: crypto.constants.RSA_PKCS1_PADDING }
    : { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength };
}

/** Bytes of a signature. */
function signatureLength(algorithm: AsymmetricAlgorithm, publicKey: KeyObject): number {
  switch (algorithm.kty) {
    case "RSA":
      return Math.ceil((publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
    case "EC":
      return algorithm.coordinateLength * 2;
    case "OKP":
      return 64;
    case "AKP":
      return algorithm.signatureLength;
  }
}
