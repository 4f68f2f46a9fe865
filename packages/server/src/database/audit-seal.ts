// The seal of the audit trail's end: a MAC that nobody can write who has the database alone.
import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** Where the trail ends: the number and the hash of its last row, 0 and "" for none. */
export interface AuditEnd {
  readonly seq: number;
  readonly hash: string;
}

export interface AuditSeal {
  /** HMAC-SHA256 in base64url. The hash of the last row chains all rows before it. */
  make(end: AuditEnd): string;
  isOf(end: AuditEnd, mac: string): boolean;
}

/** `key` is derived from the master key for this purpose alone. */
export function createAuditSeal(key: KeyObject): AuditSeal {
  const mac = ({ seq, hash }: AuditEnd): Buffer =>
    createHmac("sha256", key)
      .update(JSON.stringify(["countersign audit end v1", seq, hash]))
      .digest();
  return {
    make: (end) => mac(end).toString("base64url"),
    isOf(end, text) {
      const given = Buffer.from(text, "base64url");
      const expected = mac(end);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
