// Sealing: authenticated encryption of key material at rest, bound to the row that it stands in.
import { createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { KeyError } from "./error.ts";

const version = 1;
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + nonceLength;

/**
 * What a sealed value belongs to: it opens for exactly this purpose and key id, and nowhere else.
 */
export interface SealContext {
  readonly purpose: string;
  readonly kid: string;
}

export interface Sealer {
  /** `version(1) ‖ nonce(12) ‖ ciphertext ‖ tag(16)`. */
  seal(plaintext: Uint8Array, context: SealContext): Buffer;
  /** @throws KeyError `sealed_unreadable` for every kind of damage alike. */
  open(sealed: Uint8Array, context: SealContext): Buffer;
}

/**
 * AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D §8.2.2) under `key`, 32 bytes.
 *
 * One key seals at most some thousand values in its life, far below the 2^32 that random nonces
 * allow.
 */
export function createSealer(key: KeyObject, randomBytes: RandomBytes = systemRandomBytes): Sealer {
  if (key.type !== "secret" || key.symmetricKeySize !== 32) {
    throw new TypeError("A sealing key is a secret of 32 bytes");
  }
  return {
    seal(plaintext, context) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength });
      cipher.setAAD(additionalData(context));
      const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, ciphertext, cipher.getAuthTag()]);
    },

    open(sealed, context) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      if (bytes.length < headLength + tagLength || bytes[0] !== version) throw unreadable(context);
      const tagStart = bytes.length - tagLength;
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, headLength), {
        authTagLength: tagLength,
      });
      decipher.setAAD(additionalData(context));
      decipher.setAuthTag(bytes.subarray(tagStart));
      const plaintext = decipher.update(bytes.subarray(headLength, tagStart));
      try {
        return Buffer.concat([plaintext, decipher.final()]);
      } catch {
        throw unreadable(context);
      } finally {
        plaintext.fill(0);
      }
    },
  };
}

/** JSON keeps the parts apart: no purpose and kid can be read as another purpose and kid. */
function additionalData({ purpose, kid }: SealContext): Buffer {
  return Buffer.from(JSON.stringify(["countersign/sealed", version, purpose, kid]));
}

function unreadable({ purpose, kid }: SealContext): KeyError {
  return new KeyError(
    "sealed_unreadable",
    `The sealed value of ${purpose} ${kid} does not open: it was changed, moved, or sealed under another master key`,
  );
}
