// The seals of the audit trail: MACs that nobody can write who has the database alone.
import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** A place in the trail: the number and the hash of the row before it, 0 and "" for none. */
export interface AuditEnd {
  readonly seq: number;
  readonly hash: string;
}

/**
 * What a place is sealed as. The seal of one is none of another: an end that was exported must neither become
 * the place up to which events are missing, nor must the end of a part become the end of the trail.
 *
 * `end`: the last event there was. `start`: the last event that was removed from the beginning. `part`: where an
 * export of the older events ends.
 */
export type SealedAs = "end" | "start" | "part";

export interface AuditSeal {
  /** HMAC-SHA256 in base64url. The hash of the last row chains all rows before it. */
  make(place: AuditEnd, as?: SealedAs): string;
  isOf(place: AuditEnd, mac: string, as?: SealedAs): boolean;
}

/** `key` is derived from the master key for this purpose alone. */
export function createAuditSeal(key: KeyObject): AuditSeal {
  const mac = ({ seq, hash }: AuditEnd, as: SealedAs): Buffer =>
    createHmac("sha256", key)
      .update(JSON.stringify([`countersign audit ${as} v1`, seq, hash]))
      .digest();
  /** Whoever appends to the trail asks of the end that they sealed last. */
  let lastEnd: (AuditEnd & { readonly seal: Buffer }) | undefined;
  return {
    make(place, as = "end") {
      const seal = mac(place, as);
      if (as === "end") lastEnd = { ...place, seal };
      return seal.toString("base64url");
    },
    isOf(place, text, as = "end") {
      const given = Buffer.from(text, "base64url");
      const isLast = as === "end" && place.seq === lastEnd?.seq && place.hash === lastEnd.hash;
      const expected = (isLast ? lastEnd?.seal : undefined) ?? mac(place, as);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
