// The challenge between the two halves of a login: whose password was right, and what the login will be carried in.
import type { KeyObject } from "node:crypto";
import { createSealedChallenges } from "../keys/sealed-challenges.ts";
import type { RandomBytes } from "../randomness.ts";
import type { KnownDevice } from "../devices/devices.ts";
import type { Carries } from "../login/finish.ts";
import type { Spendable } from "./challenges.ts";

/** The first half of a login. */
export interface FirstHalf {
  readonly userId: string;
  readonly passwordVersion: number;
  /** Of the account, when its password was right, and the device that was known then. */
  readonly deviceEpoch: number;
  readonly device?: KnownDevice | undefined;
  readonly amr: readonly string[];
  readonly carries: Carries;
}

export interface LoginChallenges {
  seal(half: FirstHalf): string;
  /** Undefined for what is over or not ours. */
  open(text: string): (FirstHalf & Spendable) | undefined;
}

const lifetimeMs = 5 * 60_000;

export function createLoginChallenges(
  key: KeyObject,
  {
    nowMs = () => Date.now(),
    randomBytes,
  }: { nowMs?: (() => number) | undefined; randomBytes?: RandomBytes } = {},
): LoginChallenges {
  const sealed = createSealedChallenges(key, "login-challenge", randomBytes);
  return {
    seal: (half) => sealed.seal({ ...half, expiresAtMs: nowMs() + lifetimeMs }),
    open(text) {
      const opened = sealed.open(text);
      if (opened === undefined) return undefined;
      // Sealed by this server alone, so it has this shape.
      const half = opened.content as unknown as FirstHalf & { readonly expiresAtMs: number };
      return half.expiresAtMs > nowMs() ? { ...half, id: opened.id } : undefined;
    },
  };
}
