// What a session is to everybody outside of its table: its limits, what its tokens say, and what
// its owner sees.

import { twoFactorAcr } from "@countersign/verifier";
import type { Device } from "./device.ts";
import type { FactorShown } from "./factor-shown.ts";

/** The client of logins at our own endpoint: the API's own front ends. */
export const firstPartyClientId = "first-party";

export interface SessionLimits {
  /**
   * How long after a renewal the token that it exchanged still gets the same answer.
   *
   * @default 10
   */
  readonly graceSeconds: number;
  /** How long a session may go unused. @default 14 days */
  readonly idleSeconds: number;
  /** How long a session may live from its login, however much it is used. @default 30 days */
  readonly absoluteSeconds: number;
  /**
   * How many live sessions one user may have; a login beyond that ends the one unused the longest.
   *
   * @default 100
   */
  readonly perUser: number;
  /**
   * Roles that a session has only where the account has a second factor, and two were shown.
   *
   * @default none
   */
  readonly rolesWithSecondFactor?: ReadonlySet<string> | undefined;
}

/** In `amr`: the login showed two factors (RFC 8176 §2). */
export const multiFactor = "mfa";

/** How strong a login is that showed these (`acr`). */
export function acrOf(amr: readonly string[]): string {
  return amr.includes(multiFactor) ? twoFactorAcr : "aal1";
}

/** How many factors a login showed. */
export function factorsOf(amr: readonly string[]): 1 | 2 {
  return amr.includes(multiFactor) ? 2 : 1;
}

/** Of the roles of an account those that a session of it has. */
export function rolesOfSession(
  roles: readonly string[],
  { amr, secondFactor }: { readonly amr: readonly string[]; readonly secondFactor: boolean },
  { rolesWithSecondFactor }: Pick<SessionLimits, "rolesWithSecondFactor">,
): readonly string[] {
  if (rolesWithSecondFactor === undefined || (secondFactor && amr.includes(multiFactor))) return roles;
  return roles.filter((role) => !rolesWithSecondFactor.has(role));
}

/** What verifiers tolerate of a clock that differs, unless told otherwise. */
export const clockToleranceMs = 5000;

/** See `SessionLimits`. */
export const defaultGraceSeconds = 10;

/**
 * How old a request may be when it is decided: half of the grace, so that a client's late request
 * and its next one never lie further apart than the grace.
 */
export function requestLifetimeMs({ graceSeconds }: Pick<SessionLimits, "graceSeconds">): number {
  return Math.max(graceSeconds, 2) * 500;
}

/** Whose session asks, and which. */
export interface CurrentSession {
  readonly userId: string;
  readonly sid: string;
  /** When the access token that was shown is dated, in seconds since the epoch; a cookie's is not asked. */
  readonly issuedAt: number;
  /** What whoever asks had shown; left out, as good as nothing. */
  readonly amr?: readonly string[] | undefined;
}

/** What an access token made now must say. Times are whole seconds. */
export interface SessionGrant {
  readonly sid: string;
  readonly userId: string;
  readonly roles: readonly string[];
  readonly clientId: string;
  readonly amr: readonly string[];
  /** When the user last showed a password (`auth_time`). */
  readonly authTime: number;
  /**
   * The `iat` to use: the database's now, or later where older tokens have just been declared dead.
   */
  readonly issuedAt: number;
  /** The database's now, which `expires_in` counts from. */
  readonly askedAt: number;
  /** When the session reaches a limit, if nobody renews or uses it until then. */
  readonly endsAt: number;
}

/** A live session as its owner sees it; never token material. */
export interface SessionEntry {
  readonly sid: string;
  readonly kind: "token" | "cookie";
  readonly device: Device;
  readonly clientId: string;
  readonly openedAtMs: number;
  readonly lastUsedAtMs: number;
}

export interface NewSession {
  readonly userId: string;
  /** From the credentials that the login checked. */
  readonly passwordVersion: number;
  /** Of the known device that the login was let in by: nothing opens once that is known no more. */
  readonly deviceEpoch?: number | undefined;
  /** Of the account that the token's claims were made of: nothing opens for a later one. */
  readonly accountVersion?: number | undefined;
  /** The second factor that was shown: nothing opens once the account has it no more. */
  readonly factor?: FactorShown | undefined;
  /**
   * A cookie session is found by the hash of its secret; a token session by the `sid` in its
   * tokens.
   */
  readonly carrier:
    | { readonly kind: "token" }
    | {
        readonly kind: "cookie";
        readonly secretHash: string;
        /**
         * The session that the same browser had before, whosever it is: it ends in the same
         * transaction.
         */
        readonly replacesSecretHash?: string | undefined;
      };
  readonly device: Device;
  /** Nothing showed that the account was logged in to from there before, so its owner is told. @default false */
  readonly isNewDevice?: boolean | undefined;
  /** How the user showed who they are (RFC 8176). */
  readonly amr: readonly string[];
  readonly clientId: string;
}
