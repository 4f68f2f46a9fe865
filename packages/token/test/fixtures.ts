/** Secrets, and tokens put together by hand. */
import { createHash, createHmac } from "node:crypto";

/** The same secret for the same number, of 64 bytes at most; as good as a random one, as weak ones are refused. */
export function secretBytes(number = 1, length = 64): Uint8Array {
  return new Uint8Array(createHash("sha512").update(String(number)).digest().subarray(0, length));
}

/** A segment of what is given: bytes or a text as they stand, everything else as JSON. */
export function segmentOf(part: unknown): string {
  const bytes = typeof part === "string" || Buffer.isBuffer(part) ? part : JSON.stringify(part);
  return Buffer.from(bytes).toString("base64url");
}

/** Any header and any payload, under a MAC that holds with `secretBytes()`, which is HS256's. */
export function forge(header: unknown, payload: unknown): string {
  const input = `${segmentOf(header)}.${segmentOf(payload)}`;
  return `${input}.${createHmac("sha256", secretBytes()).update(input).digest("base64url")}`;
}
