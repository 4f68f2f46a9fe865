/** Signing and checking texts: one pair of functions for each key, compiled when the key is made. */
import crypto, { type KeyObject } from "node:crypto";
import type { AsymmetricAlgorithm, HmacAlgorithm } from "./algorithms.ts";
import { encodeBase64url, isCanonical } from "./base64url.ts";
import { createDerReader, createDerWriter } from "./ecdsa-der.ts";
import { createHmac } from "./hmac.ts";
import { pssSign, pssVerify } from "./rsa-pss.ts";

/** The canonical base64url signature of a signing input. */
export type Sign = (input: string) => string;

/**
 * Whether what stands behind the dot at index `dot` is a canonical base64url signature of what stands before it, and
 * that is ASCII.
 */
export type Verify = (token: string, dot: number) => boolean;

/** Both directions of a secret. */
export function hmacSignature(algorithm: HmacAlgorithm, secret: Uint8Array): { sign: Sign; verify: Verify } {
  const { mac, verify } = createHmac(algorithm, secret);
  return {
    sign: (input) => {
      const signature = mac(input);
      if (signature === undefined) throw new TypeError("only ASCII texts can be signed");
      return signature;
    },
    verify,
  };
}

/** The signing direction of a private key. */
export function asymmetricSign(algorithm: AsymmetricAlgorithm, privateKey: KeyObject): Sign {
  const sign = signBytes(algorithm, privateKey);
  const bytesOf = createTextWriter();
  if (algorithm.kty !== "EC") return (input) => encodeBase64url(sign(bytesOf(input)));
  const fromDer = createDerReader(algorithm.coordinateLength * 2);
  return (input) => fromDer(sign(bytesOf(input))).toString("base64url");
}

/** Writes texts as UTF-8 bytes, each over the last one. */
function createTextWriter(): (text: string) => Uint8Array {
  let room = Buffer.alloc(4096);
  // Most texts are as long as the one before, and a new view costs as much as copying them.
  let written = room;
  return (text) => {
    if (room.length < text.length * 3) {
      room = Buffer.alloc(text.length * 3);
      written = room;
    }
    const length = room.write(text, 0, "utf8");
    if (written.length !== length) written = room.subarray(0, length);
    return written;
  };
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
  // Filled anew for each token. The signature's has room for what is too long, which then shows.
  const signature = Buffer.alloc(length + 3);
  const exactSignature = signature.subarray(0, length);
  let bytes = Buffer.alloc(4096);
  return {
    verifyBytes,
    verify: (token, dot) => {
      // Room for any text of that length: one that is cut off could seem to have as many bytes as characters.
      if (bytes.length < token.length * 3) bytes = Buffer.alloc(token.length * 3);
      if (bytes.write(token, 0, "utf8") !== token.length) return false;
      const text = token.slice(dot + 1);
      const isExact = signature.write(text, 0, "base64url") === length && isCanonical(text, length);
      return isExact && verifyBytes(bytes.subarray(0, dot), exactSignature);
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
  const toDer = createDerWriter(algorithm.coordinateLength * 2);
  return (input, signature) => crypto.verify(hash, input, key, toDer(signature));
}
