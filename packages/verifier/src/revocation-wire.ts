// Judges what the revocation feed sends before anything is believed.
import { IssuerError } from "./issuer-documents.ts";
import type { Revocation, RevocationSnapshot } from "./revocation-list.ts";

/** @throws IssuerError `invalid_document` */
export function parseSnapshot(content: unknown): RevocationSnapshot {
  const { cursor, tokens_before: tokensBefore, sessions, keys } = requireObject(content);
  if (!isCursor(cursor)) throw invalid();
  if (tokensBefore !== null && !isTime(tokensBefore)) throw invalid();
  if (!Array.isArray(sessions) || !Array.isArray(keys) || !keys.every(isName)) throw invalid();
  return { cursor, tokens_before: tokensBefore, sessions: sessions.map(parseSession), keys };
}

/** @throws IssuerError `invalid_document` */
export function parseRevocation(data: string): Revocation {
  const content = requireObject(parseJson(data));
  if ("sid" in content) return parseSession(content);
  const { kid, tokens_before: tokensBefore } = content;
  if (isName(kid)) return { kid };
  if (isTime(tokensBefore)) return { tokens_before: tokensBefore };
  throw invalid();
}

/** The cursor in the data of a `heartbeat`. @throws IssuerError `invalid_document` */
export function parseCursor(data: string): number {
  return parseSequence(requireObject(parseJson(data))["cursor"]);
}

/** A sequence number as the wire has it: a decimal text. @throws IssuerError `invalid_document` */
export function parseSequence(value: unknown): number {
  if (!isCursor(value)) throw invalid();
  return Number(value);
}

function isCursor(value: unknown): value is string {
  return typeof value === "string" && /^(?:0|[1-9]\d{0,14})$/.test(value);
}

function parseSession(content: unknown): RevocationSnapshot["sessions"][number] {
  const { sid, tokens_before: tokensBefore, expires_at: expiresAt } = requireObject(content);
  if (!isName(sid) || !isTime(tokensBefore) || !isTime(expiresAt)) throw invalid();
  return { sid, tokens_before: tokensBefore, expires_at: expiresAt };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new IssuerError("not_json", "an event of the feed is not JSON", { cause: error });
  }
}

function requireObject(content: unknown): Partial<Record<string, unknown>> {
  if (typeof content !== "object" || content === null) throw invalid();
  return content;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 256;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function invalid(): IssuerError {
  return new IssuerError("invalid_document", "the revocation feed sent something that is not in its format");
}
