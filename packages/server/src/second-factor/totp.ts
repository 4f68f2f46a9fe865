// Time-based one-time codes (RFC 6238) with what every authenticator app takes: SHA-1, six digits, 30 seconds.
import { createHmac, timingSafeEqual } from "node:crypto";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";

const stepMs = 30_000;
const digits = 6;
/** RFC 4226 §4 recommends 160 bits. */
const secretLength = 20;
/** One step before and after this one, for clocks that differ and people who type (RFC 6238 §5.2). */
const drift = 1;

export function newTotpSecret(randomBytes: RandomBytes = systemRandomBytes): Buffer {
  return Buffer.from(randomBytes(secretLength));
}

/** RFC 6238 §4.2: how many steps have passed since the epoch. */
export function stepAt(nowMs: number): number {
  return Math.floor(nowMs / stepMs);
}

/** The code of one step (RFC 4226 §5.3). */
export function codeOf(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** The step that this code is of, of those that are taken now; the same work whichever it is. */
export function matchingStep(secret: Uint8Array, code: string, nowMs: number): number | undefined {
  const typed = code.replaceAll(/[ -]/g, "");
  if (!/^\d{6}$/.test(typed)) return undefined;
  const now = stepAt(nowMs);
  let found: number | undefined;
  for (let step = now - drift; step <= now + drift; step += 1) {
    if (timingSafeEqual(Buffer.from(codeOf(secret, step)), Buffer.from(typed))) found = step;
  }
  return found;
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 §6 without padding, as apps take secrets. */
export function base32Of(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  let text = "";
  for (let at = 0; at < bits.length; at += 5)
    text += base32[Number.parseInt(bits.slice(at, at + 5).padEnd(5, "0"), 2)];
  return text;
}

/** What an authenticator app reads from the QR code. */
export function totpUri(
  secret: Uint8Array,
  { service, account }: { service: string; account: string },
): string {
  const label = `${encodeURIComponent(service)}:${encodeURIComponent(account)}`;
  const parameters = `secret=${base32Of(secret)}&issuer=${encodeURIComponent(service)}`;
  return `otpauth://totp/${label}?${parameters}`;
}
