// The one end of every login: the proof of who it is, the second factor, then what carries the session.
import type { Origin } from "../database/audit-event.ts";
import type { Account } from "../accounts/account.ts";
import { describeToApp } from "../accounts/claims-account.ts";
import type { Devices, KnownDevice } from "../devices/devices.ts";
import { ServiceError, type ServiceErrorCode } from "../errors.ts";
import { type HookRunner, noHooks } from "../hooks/hooks.ts";
import { deviceOf } from "../sessions/device.ts";
import type { FactorShown } from "../sessions/factor-shown.ts";
import { factorsOf, firstPartyClientId, type NewSession } from "../sessions/session.ts";

/** What somebody has shown about who they are. Every way to log in ends in one. */
export interface Proof {
  readonly account: Account;
  /** The session opens only while the account's password is still of this version. */
  readonly passwordVersion: number;
  /** Of the account, when this was proved: what a new device token says. */
  readonly deviceEpoch: number;
  /** By which they were let in; the session opens only while it is known. */
  readonly device?: KnownDevice | undefined;
  /** The second factor that was shown, if one was; the session opens only while the account has it. */
  readonly factor?: FactorShown | undefined;
  /** How they showed it (RFC 8176). */
  readonly amr: readonly string[];
}

/** What a login will be carried in. */
export type Carries = "token" | "cookie";

/** Stands between a proof and its session. */
export interface SecondFactorGate {
  /** Returns the proof that a session may open with. @throws ServiceError where a factor is missing */
  admit(proof: Proof, login: { readonly carries: Carries; readonly origin: Origin }): Promise<Proof>;
}

/** Hears how each login ended. */
export interface LoginOutcomes {
  succeeded(): void;
  failed(code: ServiceErrorCode): void;
}

/** A session that is about to open; the carrier decides how the client will hold it. */
export type ProvenSession = Omit<NewSession, "carrier">;

/** Opens the session. Undefined: the account changed since the proof was made, so nothing was opened. */
export type Carrier<Carried> = (session: ProvenSession, origin: Origin) => Promise<Carried | undefined>;

export interface LoginAttempt<Carried> {
  /** @throws ServiceError when the attempt proves nothing */
  readonly prove: () => Promise<Proof>;
  readonly carrier: Carrier<Carried>;
  /** What that is, for a login that goes on after its second factor. */
  readonly carries: Carries;
  /** What the client calls itself: its `User-Agent`. */
  readonly userAgent: string | undefined;
  readonly origin: Origin;
}

export interface LoggedIn<Carried> {
  /** What the carrier gave. */
  readonly carried: Carried;
  /** For the device's next login. */
  readonly deviceToken: string;
}

/**
 * Logs in whoever passes the proof and the second factor.
 *
 * @throws ServiceError `invalid_credentials`, `email_unverified`, `busy`, and what the proof and the second factor throw
 */
export type FinishLogin = <Carried>(attempt: LoginAttempt<Carried>) => Promise<LoggedIn<Carried>>;

export interface FinishLoginOptions {
  readonly secondFactor: SecondFactorGate;
  readonly outcomes: LoginOutcomes;
  readonly devices: Pick<Devices, "issue">;
  readonly hooks?: Pick<HookRunner, "has" | "before" | "after"> | undefined;
  /** Lets nobody in before they confirmed the address of their account. @default false */
  readonly needsProvedAddress?: boolean | undefined;
}

export function createFinishLogin(options: FinishLoginOptions): FinishLogin {
  const { secondFactor, outcomes, devices, hooks = noHooks, needsProvedAddress = false } = options;

  async function open<Carried>({
    prove,
    carrier,
    carries,
    userAgent,
    origin,
  }: LoginAttempt<Carried>): Promise<LoggedIn<Carried>> {
    const shown = await prove();
    if (needsProvedAddress && shown.account.emailVerifiedAtMs === null)
      throw new ServiceError("email_unverified");
    const proof = await secondFactor.admit(shown, { carries, origin });
    const { account, passwordVersion, deviceEpoch, device, factor, amr } = proof;
    const session = {
      userId: account.id,
      passwordVersion,
      deviceEpoch: device?.epoch,
      factor,
      device: deviceOf(userAgent, origin),
      isNewDevice: device === undefined,
      amr,
      clientId: firstPartyClientId,
    };
    const told = hooks.has("login")
      ? {
          account: describeToApp(account),
          session: { clientId: firstPartyClientId, amr, factors: factorsOf(amr), carries },
        }
      : undefined;
    if (told !== undefined) await hooks.before("login", told);
    const carried = await carrier(session, origin);
    if (carried === undefined) throw new ServiceError("invalid_credentials");
    if (told !== undefined) hooks.after("login", told);
    return { carried, deviceToken: devices.issue({ userId: account.id, deviceEpoch }, device) };
  }

  return async (attempt) => {
    try {
      const loggedIn = await open(attempt);
      outcomes.succeeded();
      return loggedIn;
    } catch (error) {
      outcomes.failed(error instanceof ServiceError ? error.code : "internal");
      throw error;
    }
  };
}
