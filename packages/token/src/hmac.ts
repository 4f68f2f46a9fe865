/** HMAC with SHA-2 (RFC 2104) by two one-shot hash calls, about twice as fast as the streaming `createHmac`. */
import crypto from "node:crypto";
import type { HmacAlgorithm } from "./algorithms.ts";
import { base64urlLength } from "./base64url.ts";

/**
 * One secret in both directions. Only ASCII is signed or verified: a signing input is never anything
 * else (RFC 7515 §2).
 */
export interface Hmac {
  /** The MAC of a text as base64url; undefined unless the text is ASCII. */
  readonly mac: (text: string) => string | undefined;
  /** Whether what stands behind the dot at index `dot` is the MAC of what stands before it, and all of it is ASCII. */
  readonly verify: (token: string, dot: number) => boolean;
}

/** Keys an HMAC once; the secret is copied. */
export function createHmac(algorithm: HmacAlgorithm, secret: Uint8Array): Hmac {
  return oneShotHolds ? oneShotHmac(algorithm, secret) : streamingHmac(algorithm, secret);
}

/** The reference: what `node:crypto` calls an HMAC. */
export function streamingHmac({ hash, hashLength }: HmacAlgorithm, secret: Uint8Array): Hmac {
  const key = crypto.createSecretKey(secret);
  const macLength = base64urlLength(hashLength);
  const macOf = (input: Uint8Array): string => crypto.createHmac(hash, key).update(input).digest("base64url");
  return {
    mac: (text) => {
      const bytes = Buffer.from(text, "utf8");
      return bytes.length === text.length ? macOf(bytes) : undefined;
    },
    verify: (token, dot) => {
      const bytes = Buffer.from(token, "utf8");
      if (bytes.length !== token.length || bytes.length !== dot + 1 + macLength) return false;
      const expected = Buffer.from(macOf(bytes.subarray(0, dot)), "latin1");
      return crypto.timingSafeEqual(expected, bytes.subarray(dot + 1));
    },
  };
}

/** Bytes as the characters U+0000 to U+00FF: the fastest output there is. The types know it by no name. */
const latin1 = "latin1" as "base64";

/** H(key ⊕ opad ‖ H(key ⊕ ipad ‖ text)), with both pads prepared in the buffers that are hashed. */
export function oneShotHmac({ hash, hashLength, blockLength }: HmacAlgorithm, secret: Uint8Array): Hmac {
  const key = secret.length > blockLength ? crypto.createHash(hash).update(secret).digest() : secret;
  const macLength = base64urlLength(hashLength);
  const expected = Buffer.alloc(macLength);
  const outer = Buffer.alloc(blockLength + hashLength, 0x5c);
  let inner = Buffer.alloc(blockLength + 4096, 0x36);
  // What is hashed of it. Most tokens are as long as the one before, and a new view costs as much as copying them.
  let message = inner;
  for (const [index, byte] of key.entries()) {
    outer[index] = byte ^ 0x5c;
    inner[index] = byte ^ 0x36;
  }

  /** Puts a text behind the inner pad. False if any of it is not ASCII. */
  function load(text: string): boolean {
    // Room for any text of that length: one that is cut off could seem to have as many bytes as characters.
    const enough = blockLength + text.length * 3;
    if (inner.length < enough) {
      inner = Buffer.concat([inner.subarray(0, blockLength)], enough);
      message = inner;
    }
    return inner.write(text, blockLength, "utf8") === text.length;
  }

  /** The MAC of the first `length` bytes of what was loaded. */
  function macOf(length: number): string {
    if (message.length !== blockLength + length) message = inner.subarray(0, blockLength + length);
    outer.write(crypto.hash(hash, message, latin1), blockLength, "latin1");
    return crypto.hash(hash, outer, "base64url");
  }

  return {
    mac: (text) => (load(text) ? macOf(text.length) : undefined),
    verify: (token, dot) => {
      if (token.length !== dot + 1 + macLength || !load(token)) return false;
      expected.write(macOf(dot), "latin1");
      // RFC 7518 §3.2: in constant time. There is one text for each MAC: its encoding is judged with it.
      const given = blockLength + dot + 1;
      return crypto.timingSafeEqual(expected, inner.subarray(given, given + macLength));
    },
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
    return ["", "a", "eyJhbGciOiJIUzI1NiJ9.".repeat(150)].every((text) => {
      const mac = reference.mac(text);
      return fast.mac(text) === mac && fast.verify(`${text}.${mac}`, text.length);
    });
  });
})();
