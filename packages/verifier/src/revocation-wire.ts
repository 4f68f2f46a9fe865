/**
 * The revocation feed as it goes over the wire, and the judge of all that comes from there.
 *
 * **Cursor.** `EPOCH.NUMBER`: an epoch of 1 to 64 letters, digits, `-` and `_`, a dot, and a decimal number from 0 to
 * 999,999,999,999,999 that grows by one with each entry. Servers before that sent the number alone, which is the epoch
 * "". Numbers are compared within one epoch; a follower that meets another epoch takes the whole list.
 *
 * **The list.** `GET /revocations`, `Accept: application/json`; with `If-None-Match: "CURSOR"` once there is a cursor.
 * * 200, `ETag: "CURSOR"`: `{"cursor","tokens_before","sessions":[{"sid","tokens_before","expires_at"}],"keys":["kid"]}`.
 *   Times are whole seconds since the epoch; `tokens_before` of the list is null where nothing is revoked globally.
 * * 304, `ETag: "CURSOR"`, without a body: nothing has happened since.
 *
 * **What has happened since.** `GET /revocations?since=CURSOR`, with the same headers.
 * * 200 with a member `"since":"CURSOR"`, the one that was asked for: the other members hold only what came after it,
 *   `cursor` and `ETag` say up to where.
 * * 200 without `since`: the whole list, as the server cannot tell (another epoch, or too long ago).
 * * 304: nothing.
 *
 * **The stream.** `GET /revocations`, `Accept: text/event-stream`, `Last-Event-ID: CURSOR`. Each event has an `id`, the
 * cursor up to which this stream has now been told everything; so a client that resumes after any of them misses nothing.
 * * `revocation`: one entry, `{"sid","tokens_before","expires_at"}`, `{"kid"}` or `{"tokens_before"}`.
 * * `heartbeat`: `{"cursor"}`, the end of the log; at once, and then every five seconds at least.
 * * `reset`: `{"cursor"}`; the server cannot continue after `Last-Event-ID` without a gap. Take the list.
 *
 * **Who asks.** `Authorization: Basic base64(id:secret)` (RFC 7617, UTF-8, nothing else encoded) for followers that have a
 * name; none for strangers. Refusals, of list and stream alike:
 * * 401 with `WWW-Authenticate: Basic realm="revocations"`: credentials are missing or wrong.
 * * 403: these credentials may not follow.
 * * 503 (or 429) with `Retry-After` in seconds: all places are taken.
 *
 * **Older followers** send `Accept: application/json, application/jwk-set+json` for the list, which no newer one does,
 * and a plain number as `Last-Event-ID`; a server that wants to keep them answers with plain numbers in all places.
 */
import { IssuerError } from "./issuer-documents.ts";
import type { ListedRevocations, Revocation } from "./revocation-list.ts";

/** A place in the issuer's log. */
export interface Cursor {
  /** Which log; "" for that of an older server, which has only numbers. */
  readonly epoch: string;
  readonly number: number;
}

/** The list, or what of it came after `since`. */
export interface RevocationDocument extends ListedRevocations {
  readonly since: string | undefined;
}

/** @throws IssuerError `invalid_document` */
export function parseDocument(content: unknown): RevocationDocument {
  const { cursor, since, tokens_before: tokensBefore, sessions, keys } = requireObject(content);
  if (!isCursor(cursor) || !(since === undefined || isCursor(since))) throw invalid();
  if (tokensBefore !== null && !isTime(tokensBefore)) throw invalid();
  if (!Array.isArray(sessions) || !Array.isArray(keys) || !keys.every(isName)) throw invalid();
  return { cursor, since, tokens_before: tokensBefore, sessions: sessions.map(parseSession), keys };
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
export function parseHeartbeat(data: string): Cursor {
  return parseCursor(requireObject(parseJson(data))["cursor"]);
}

/** @throws IssuerError `invalid_document` */
export function parseCursor(value: unknown): Cursor {
  if (!isCursor(value)) throw invalid();
  const dot = value.lastIndexOf(".");
  return { epoch: value.slice(0, Math.max(0, dot)), number: Number(value.slice(dot + 1)) };
}

export function cursorText({ epoch, number }: Cursor): string {
  return epoch === "" ? String(number) : `${epoch}.${number}`;
}

function isCursor(value: unknown): value is string {
  return typeof value === "string" && /^(?:[\w-]{1,64}\.)?(?:0|[1-9]\d{0,14})$/.test(value);
}

function parseSession(content: unknown): ListedRevocations["sessions"][number] {
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
