// Where the next page of accounts begins, as a text that says nothing to whoever passes it back.
import { ServiceError } from "../errors.ts";
import type { AccountPlace } from "./account-query.ts";

export function cursorOf({ createdAtMs, id, emailKey }: AccountPlace): string {
  return Buffer.from(JSON.stringify([createdAtMs, id, emailKey])).toString("base64url");
}

/** @throws ServiceError `invalid_request` */
export function placeOf(cursor: string): AccountPlace {
  const parts = read(cursor);
  if (Array.isArray(parts) && parts.length === 3) {
    const [createdAtMs, id, emailKey] = parts as readonly unknown[];
    if (Number.isSafeInteger(createdAtMs) && typeof id === "string" && typeof emailKey === "string")
      return { createdAtMs: Number(createdAtMs), id, emailKey };
  }
  throw new ServiceError("invalid_request", { detail: "The cursor is not one that a page has ended with." });
}

function read(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}
