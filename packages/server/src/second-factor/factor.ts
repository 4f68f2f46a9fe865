// What a second factor is to everybody outside of its tables.
import type { SecondFactor } from "@countersign/client";

/** What an account could show beside its password. */
export interface FactorState {
  /** No login goes without one, whatever else is in here. */
  readonly required: boolean;
  readonly totp: boolean;
  readonly passkeys: number;
  /** How many are left. */
  readonly recoveryCodes: number;
}

/** In the order in which a page should offer them. */
export function factorsOf({ totp, passkeys, recoveryCodes }: FactorState): SecondFactor[] {
  return [
    ...(passkeys > 0 ? (["passkey"] as const) : []),
    ...(totp ? (["totp"] as const) : []),
    ...(recoveryCodes > 0 ? (["recovery_code"] as const) : []),
  ];
}
