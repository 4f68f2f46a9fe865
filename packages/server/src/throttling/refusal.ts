// What whoever tried too often is told: the same whether or not there is an account.
import { ServiceError } from "../errors.ts";
import type { BucketKind } from "./keys.ts";

const reasons: Readonly<Record<BucketKind, string>> = {
  source: "Too many wrong passwords came from your network",
  account: "Too many wrong passwords came for this address",
  device: "Too many wrong passwords came for this account from where you have logged in before",
  signup: "Too many accounts were asked for from your network",
  caller: "Too many wrong client secrets came from your network",
  mail: "Too many mails were asked for from your network",
  code: "Too many wrong codes came from your network",
};

/** What is closed until somebody opens it has no time to name: a client that asks by itself does so daily. */
const closedSeconds = 86_400;

export function refusalOf(kind: BucketKind, waitMs: number | undefined, inARow?: number): ServiceError {
  if (waitMs === undefined) {
    return new ServiceError("too_many_attempts", {
      detail:
        `After ${inARow} wrong passwords in a row this address takes none from an unknown device. Log in where you ` +
        "have logged in before, or ask whoever runs the server to open it.",
      retryAfterSeconds: closedSeconds,
    });
  }
  const seconds = Math.max(Math.ceil(waitMs / 1000), 1);
  return new ServiceError("too_many_attempts", {
    detail: `${reasons[kind]}. Try again in ${spoken(seconds)}.`,
    retryAfterSeconds: seconds,
  });
}

function spoken(seconds: number): string {
  if (seconds < 120) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
