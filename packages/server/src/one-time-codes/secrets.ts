// What is mailed to be shown again: a link's token and a short code, how they are made, read and hashed.
import { createHash, createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";

/** Crockford's base 32: no I, L, O and U. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const codeLength = 8;
const codeForm = new RegExp(`^[${alphabet}]{${codeLength}}$`);
const tokenForm = /^[\w-]{43}$/;

/** 256 bits in base64url. */
export function newToken(random: RandomBytes = systemRandomBytes): string {
  return Buffer.from(random(32)).toString("base64url");
}

/** 40 bits, as they are shown: `XXXX-XXXX`. */
export function newCode(random: RandomBytes = systemRandomBytes): string {
  const letters = [...random(codeLength)].map((byte) => alphabet[byte & 31]).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** What somebody typed, read as Crockford wants it; undefined where it can be no code. */
export function readCode(text: string): string | undefined {
  const letters = text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll(/[IL]/g, "1").replaceAll("O", "0");
  return codeForm.test(letters) ? letters : undefined;
}

export interface CodeHashes {
  /** Undefined where it can be no token. Of 256 random bits a plain hash gives nothing away. */
  ofToken(token: string): string | undefined;
  /** Forty bits are soon tried out, so this hash needs a key that is not in the database. */
  ofCode(id: string, code: string): string;
  /** Names no address to whoever reads the table. */
  ofAddress(addressKey: string): string;
}

/** `secret` is derived from the master key for this alone. */
export function createCodeHashes(secret: KeyObject): CodeHashes {
  const hmac = (...parts: readonly string[]): string =>
    createHmac("sha256", secret).update(JSON.stringify(parts)).digest("base64url");
  return {
    ofToken: (token) =>
      tokenForm.test(token) ? createHash("sha256").update(token).digest("base64url") : undefined,
    ofCode: (id, code) => hmac("code", id, readCode(code) ?? ""),
    ofAddress: (addressKey) => hmac("address", addressKey),
  };
}

export function isSameHash(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
