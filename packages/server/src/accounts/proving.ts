// Showing with a password that one is the owner of an account.
import { ServiceError, type ServiceErrorCode } from "../errors.ts";
import type { Origin } from "../database/audit-event.ts";
import type { PasswordHashing } from "../passwords/hashing.ts";
import type { Turn } from "../passwords/hashing-queue.ts";
import { normalisePassword } from "../passwords/policy.ts";
import { openSessions, type Throttling } from "../throttling/throttling.ts";
import type { AccountCredentials } from "./account.ts";
import { addressKeyOf } from "./email-address.ts";
import type { AccountStore } from "./store.ts";

/** Hears how each proof with a password ended that an owner gave again. */
export interface ProofOutcomes {
  succeeded(): void;
  failed(code: ServiceErrorCode): void;
}

export interface ProvingOptions {
  readonly store: Pick<AccountStore, "credentials" | "replacePasswordHash">;
  readonly hashing: Pick<PasswordHashing, "hash" | "verify" | "isOutdated">;
  readonly proofs: ProofOutcomes;
  readonly throttling: Pick<Throttling, "guess">;
}

export interface Proving {
  /** @throws ServiceError `invalid_credentials`, `busy` */
  verifyPassword(
    credentials: AccountCredentials | undefined,
    passwordText: string,
    turn: Turn,
  ): Promise<AccountCredentials>;
  /** @throws ServiceError `invalid_credentials` (403), `too_many_attempts`, `busy` */
  proveAgain(userId: string, password: string, origin: Origin, turn: Turn): Promise<AccountCredentials>;
}

export function createProving({ store, hashing, proofs, throttling }: ProvingOptions): Proving {
  /** Unknown and disabled accounts cost the same hash as the others. */
  async function verifyPassword(
    credentials: AccountCredentials | undefined,
    passwordText: string,
    turn: Turn,
  ): Promise<AccountCredentials> {
    const password = normalisePassword(passwordText);
    const usable = credentials?.account.status === "active" ? credentials : undefined;
    // An account without a password costs the same, too.
    const hash = usable?.passwordHash === "" ? undefined : usable?.passwordHash;
    const matches = await hashing.verify(hash, password, turn);
    if (usable === undefined || hash === undefined || !matches) throw new ServiceError("invalid_credentials");
    if (hashing.isOutdated(usable.passwordHash)) await upgradeHash(usable, password, turn);
    return usable;
  }

  /**
   * Who is logged in shows the password again. A refusal is 403 and no 401, which would say that the
   * session is over (RFC 9110 §15.5.2). Their sessions count as one device, so that no flood of guesses
   * from elsewhere keeps the owner from changing the password.
   */
  async function proveAgain(
    userId: string,
    password: string,
    origin: Origin,
    turn: Turn,
  ): Promise<AccountCredentials> {
    try {
      const known = await store.credentials(userId);
      const addressKey = addressKeyOf(known?.account.email ?? userId);
      const guesser = { addressKey, origin, device: openSessions, signal: turn.signal };
      const credentials = await throttling.guess(guesser, (untilMs) =>
        verifyPassword(known, password, { ...turn, untilMs }),
      );
      proofs.succeeded();
      return credentials;
    } catch (error) {
      proofs.failed(error instanceof ServiceError ? error.code : "internal");
      throw error instanceof ServiceError && error.code === "invalid_credentials" ? wrongPassword() : error;
    }
  }

  /** A login never fails because the upgrade did: the next one tries again. */
  async function upgradeHash(
    { account, passwordHash }: AccountCredentials,
    password: string,
    turn: Turn,
  ): Promise<void> {
    try {
      await store.replacePasswordHash(account.id, passwordHash, await hashing.hash(password, turn));
    } catch {
      // Deliberately nothing, see above.
    }
  }

  return { verifyPassword, proveAgain };
}

export function wrongPassword(): ServiceError {
  return new ServiceError("invalid_credentials", {
    statusCode: 403,
    detail: "This is not the current password of the account.",
  });
}
