/** From what people pass as a key to a `KeyObject`, without ever taking a key pair's text for a secret. */
import crypto, { KeyObject } from "node:crypto";
import { isPublicKeyText } from "../public-key-texts.ts";
import { JsonWebTokenError } from "./errors.ts";

/** What a key is for, and what the parameter is called in messages. */
export type KeyRole = "secretOrPublicKey" | "secretOrPrivateKey";

/** Texts are read once; the newest of them are kept, as many as a program is likely to have. */
const maxRemembered = 32;
const remembered: Record<KeyRole, Map<string, KeyObject>> = {
  secretOrPublicKey: new Map(),
  secretOrPrivateKey: new Map(),
};

/**
 * The key in a text, in bytes or in an object that `createPublicKey` or `createPrivateKey` takes.
 *
 * @throws JsonWebTokenError if it cannot be read, or if it is part of a key pair that can only be used as a secret.
 */
export function readKey(key: unknown, role: KeyRole): KeyObject {
  if (key instanceof KeyObject) return key;
  if (typeof key !== "string") return parseKey(key, role);
  const keys = remembered[role];
  const known = keys.get(key);
  if (known !== undefined) return known;
  const parsed = parseKey(key, role);
  if (keys.size === maxRemembered) keys.delete(keys.keys().next().value!);
  keys.set(key, parsed);
  return parsed;
}

function parseKey(key: unknown, role: KeyRole): KeyObject {
  const bytes = bytesOf(key);
  if (bytes !== undefined && !bytes.includes(pemMarker)) {
    assertNoPublicKey(bytes, role);
    return crypto.createSecretKey(bytes);
  }
  // The types of node:crypto want to know beforehand what only the parser can tell.
  const source = key as string;
  try {
    return role === "secretOrPublicKey" ? crypto.createPublicKey(source) : crypto.createPrivateKey(source);
  } catch {
    throw new JsonWebTokenError(
      bytes !== undefined && isPublicPem(source)
        ? `${role} must not be a public key`
        : `${role} is not valid key material`,
    );
  }
}

const pemMarker = "-----BEGIN ";

function bytesOf(key: unknown): Buffer | undefined {
  if (typeof key === "string") return Buffer.from(key);
  return key instanceof Uint8Array ? Buffer.from(key) : undefined;
}

function isPublicPem(pem: string): boolean {
  try {
    crypto.createPublicKey(pem);
    return true;
  } catch {
    // No key pair's at all.
  }
  return false;
}

/** Everybody knows a public key, so as a secret it would let everybody sign. PEM has been read before. */
function assertNoPublicKey(bytes: Buffer, role: KeyRole): void {
  if (isPublicKeyText(bytes)) {
    throw new JsonWebTokenError(`${role} is a public key, which must be given as PEM or KeyObject`);
  }
}
