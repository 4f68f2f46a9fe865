// What a client keeps for us between two requests: sealed, so that nothing is stored until it comes back.
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { KeyError } from "./error.ts";
import { createSealer } from "./sealing.ts";

const idLength = 16;
const maxTextLength = 2048;

/** What was sealed, and the id under which it is spent. */
export interface OpenedChallenge {
  readonly id: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface SealedChallenges {
  /** base64url. */
  seal(content: Readonly<Record<string, unknown>>): string;
  /** Undefined for everything that this server did not write, however it differs. */
  open(text: string): OpenedChallenge | undefined;
}

/**
 * `base64url(id(16) ‖ sealed)`. Strangers may ask for as many as they like, so each is sealed under a key of
 * its own, made of its id: the number of values that one key may seal never counts.
 */
export function createSealedChallenges(
  key: KeyObject,
  purpose: string,
  randomBytes: RandomBytes = systemRandomBytes,
): SealedChallenges {
  const sealerOf = (id: Uint8Array) =>
    createSealer(createSecretKey(createHmac("sha256", key).update(id).digest()), randomBytes);
  const contextOf = (id: Buffer) => ({ purpose, kid: id.toString("base64url") });

  return {
    seal(content) {
      const id = Buffer.from(randomBytes(idLength));
      const sealed = sealerOf(id).seal(Buffer.from(JSON.stringify(content)), contextOf(id));
      return Buffer.concat([id, sealed]).toString("base64url");
    },

    open(text) {
      if (text.length > maxTextLength) return undefined;
      const bytes = Buffer.from(text, "base64url");
      if (bytes.length <= idLength || bytes.toString("base64url") !== text) return undefined;
      const id = bytes.subarray(0, idLength);
      try {
        const plaintext = sealerOf(id).open(bytes.subarray(idLength), contextOf(id));
        return {
          id: id.toString("base64url"),
          content: JSON.parse(plaintext.toString("utf8")) as Readonly<Record<string, unknown>>,
        };
      } catch (error) {
        if (error instanceof KeyError) return undefined;
        throw error;
      }
    },
  };
}
