// The challenges that passkeys sign: sealed, each for one purpose, and stored only once they are used.
import type { KeyObject } from "node:crypto";
import { createSealedChallenges } from "../keys/sealed-challenges.ts";
import type { RandomBytes } from "../randomness.ts";
import type { Spendable } from "../second-factor/challenges.ts";

/** What the answer may be used for, and by whom. */
export type PasskeyPurpose =
  /** A new passkey, as its owner was when they asked: a session, a password, with a factor or without. */
  | {
      readonly use: "add";
      readonly userId: string;
      readonly sid: string;
      readonly passwordVersion: number;
      readonly secondFactor: boolean;
    }
  /** The whole login of whoever answers. */
  | { readonly use: "log_in" }
  /** The second factor of this account. */
  | { readonly use: "second_factor"; readonly userId: string };

export type OpenedPurpose<Use extends PasskeyPurpose["use"]> = Extract<
  PasskeyPurpose,
  { readonly use: Use }
> &
  Spendable;

export interface PasskeyChallenges {
  /** base64url. */
  seal(purpose: PasskeyPurpose): string;
  /** Undefined for what is over, not ours, or for another use. */
  open<Use extends PasskeyPurpose["use"]>(text: string, use: Use): OpenedPurpose<Use> | undefined;
}

/** Long enough for somebody who looks for their phone. */
export const challengeLifetimeMs: number = 10 * 60_000;

export function createPasskeyChallenges(
  key: KeyObject,
  {
    nowMs = () => Date.now(),
    randomBytes,
  }: { nowMs?: (() => number) | undefined; randomBytes?: RandomBytes } = {},
): PasskeyChallenges {
  const sealed = createSealedChallenges(key, "passkey-challenge", randomBytes);
  return {
    seal: (purpose) => sealed.seal({ ...purpose, expiresAtMs: nowMs() + challengeLifetimeMs }),
    open<Use extends PasskeyPurpose["use"]>(text: string, use: Use) {
      const opened = sealed.open(text);
      if (opened === undefined) return undefined;
      // Sealed by this server alone, so it has this shape.
      const content = opened.content as unknown as OpenedPurpose<Use>;
      return content.use === use && content.expiresAtMs > nowMs() ? { ...content, id: opened.id } : undefined;
    },
  };
}
