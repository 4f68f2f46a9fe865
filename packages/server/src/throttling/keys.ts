// Under which names the buckets are kept: names that say nothing to whoever reads the table.
import { createHmac, type KeyObject } from "node:crypto";

/** Whose attempts a bucket counts. */
export type BucketKind = "source" | "account" | "device" | "signup" | "caller" | "mail" | "code";

export interface ThrottleKeys {
  /** HMAC-SHA-256 of the kind and the text, cut to 128 bits: 23 characters, the first for the kind. */
  keyOf(kind: BucketKind, text: string): string;
}

const letters: Readonly<Record<BucketKind, string>> = {
  source: "s",
  account: "a",
  device: "d",
  signup: "u",
  caller: "c",
  mail: "m",
  code: "o",
};

export function createThrottleKeys(secret: KeyObject): ThrottleKeys {
  return {
    keyOf(kind, text) {
      const digest = createHmac("sha256", secret).update(`${kind}\0${text}`).digest();
      return letters[kind] + digest.subarray(0, 16).toString("base64url");
    },
  };
}

/**
 * The one of 65,536 buckets of its kind that a key shares when there is no room for one of its own;
 * no key of anybody's own has a tilde.
 */
export function sharedKeyOf(key: string): string {
  const bits = Buffer.from(key.slice(1, 5), "base64url").readUInt16BE();
  return `${key.slice(0, 1)}~${bits.toString(16).padStart(4, "0")}`;
}
