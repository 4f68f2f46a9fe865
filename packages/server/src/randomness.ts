// Where everything comes from that nobody may guess, and the ids made of it.

import { randomBytes } from "node:crypto";

/** So many random bytes; a test may hand in its own. */
export type RandomBytes = (length: number) => Uint8Array;

/** One call of the system's generator for many ids, as each costs several microseconds whatever its size. */
const drawnBytes = 4096;
const mostFromDrawn = 64;
let drawn: Buffer = Buffer.alloc(0);

/** The system's, drawn in advance for what is short. What was given is nowhere else. */
export const systemRandomBytes: RandomBytes = (length) => {
  if (length > mostFromDrawn) return randomBytes(length);
  if (length > drawn.length) drawn = randomBytes(drawnBytes);
  const given = Buffer.from(drawn.subarray(0, length));
  drawn.fill(0, 0, length);
  drawn = drawn.subarray(length);
  return given;
};

/** 72 bits in base64url, twelve characters: which revocation log a cursor is of. */
export function newEpoch(random: RandomBytes = systemRandomBytes): string {
  return Buffer.from(random(9)).toString("base64url");
}

const requestIdBytes = 9;
const requestIdLength = 12;
const requestIdsDrawn = 128;
/** Drawn at once, one behind the other: they are told to whoever asks, so none of them is a secret. */
let requestIds = "";
let requestIdsTaken = 0;

/** 72 bits in base64url: what a log line and the answer to a client call a request. */
export function newRequestId(): string {
  if (requestIdsTaken === requestIds.length) {
    requestIds = randomBytes(requestIdsDrawn * requestIdBytes).toString("base64url");
    requestIdsTaken = 0;
  }
  const start = requestIdsTaken;
  requestIdsTaken += requestIdLength;
  return requestIds.slice(start, requestIdsTaken);
}

/** 128 bits in base64url: the id of an account, a session or a token, which nobody can guess. */
export function newId(random: RandomBytes = systemRandomBytes): string {
  return Buffer.from(random(16)).toString("base64url");
}
