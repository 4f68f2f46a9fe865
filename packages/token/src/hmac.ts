/** HMAC with SHA-2 (RFC 2104) by two one-shot hash calls, about twice as fast as the streaming `createHmac`. */
import crypto from "node:crypto";
import type { HmacAlgorithm } from "./algorithms.ts";

/** The MAC of the first `length` characters of a text, as base64url. Undefined if any of the text is not ASCII. */
export type Hmac = (text: string, length: number) => string | undefined;

/** Keys an HMAC once; the secret is copied. */
export function createHmac(algorithm: HmacAlgorithm, secret: Uint8Array): Hmac {
  return oneShotHolds ? oneShotHmac(algorithm, secret) : streamingHmac(algorithm, secret);
}

/** The reference: what `node:crypto` calls an HMAC. */
export function streamingHmac({ hash }: HmacAlgorithm, secret: Uint8Array): Hmac {
  const key = crypto.createSecretKey(secret);
  return (text, length) => {
    const bytes = Buffer.from(text, "utf8");
    if (bytes.length !== text.length) return undefined;
    return crypto.createHmac(hash, key).update(bytes.subarray(0, length)).digest("base64url");
  };
}

/** Bytes as the characters U+0000 to U+00FF: the fastest output there is. The types know it by no name. */
const latin1 = "latin1" as "base64";

/** H(key ⊕ opad ‖ H(key ⊕ ipad ‖ text)), with both pads prepared in the buffers that are hashed. */
export function oneShotHmac({ hash, hashLength, blockLength }: HmacAlgorithm, secret: Uint8Array): Hmac {
  const key = secret.length > blockLength ? crypto.createHash(hash).update(secret).digest() : secret;
  const outer = Buffer.alloc(blockLength + hashLength, 0x5c);
  let inner = Buffer.alloc(blockLength + 4096, 0x36);
  for (const [index, byte] of key.entries()) {
    outer[index] = byte ^ 0x5c;
    inner[index] = byte ^ 0x36;
  }
  return (text, length) => {
    // Room for any text of that length: one that is cut off could seem to have as many bytes as characters.
    const enough = blockLength + text.length * 3;
    if (inner.length < enough) inner = Buffer.concat([inner.subarray(0, blockLength)], enough);
    if (inner.write(text, blockLength, "utf8") !== text.length) return undefined;
    outer.write(crypto.hash(hash, inner.subarray(0, blockLength + length), latin1), blockLength, "latin1");
    return crypto.hash(hash, outer, "base64url");
  };
}

/** Both ways must agree when the module is loaded. Where they do not, or there is no `hash`, the reference is used. */
const oneShotHolds: boolean = (() => {
  if (typeof crypto.hash !== "function") return false;
  const probes: [HmacAlgorithm, secretLength: number][] = [
    [{ name: "HS256", kty: "oct", hash: "sha256", hashLength: 32, blockLength: 64 }, 32],
    [{ name: "HS384", kty: "oct", hash: "sha384", hashLength: 48, blockLength: 128 }, 48],
    [{ name: "HS512", kty: "oct", hash: "sha512", hashLength: 64, blockLength: 128 }, 200],
  ];
  return probes.every(([algorithm, secretLength]) => {
    // Not random: a worker may draw no random bytes while its modules are loaded.
    const secret = Buffer.alloc(secretLength, "probe");
    const fast = oneShotHmac(algorithm, secret);
    const reference = streamingHmac(algorithm, secret);
    return ["", "a", "eyJhbGciOiJIUzI1NiJ9.".repeat(150)].every(
      (text) => fast(text, text.length) === reference(text, text.length),
    );
  });
})();
