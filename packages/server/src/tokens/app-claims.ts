// What an app adds to access tokens: asked before anything changes, judged, and held to a time.
import { ServiceError } from "../errors.ts";
import { appTimeLimitMs, inTime } from "../hooks/in-time.ts";
import { factorsOf, rolesOfSession } from "../sessions/session.ts";
import type { ClaimsAccount, ClaimsFunction, ClaimsSession } from "../settings/claims.ts";
import { isPlainObject, jsonFault } from "../settings/plain-json.ts";
import type { AddedClaims } from "./access-tokens.ts";

/** Every request carries its token in a header, and headers are small. */
const limits = { maxBytes: 1024, maxDepth: 8 };

export interface MadeClaims {
  readonly account: ClaimsAccount;
  readonly session: ClaimsSession;
  readonly claims: AddedClaims;
  /** Of the account that they were made of: the statement that follows holds for no other. */
  readonly accountVersion: number;
}

/** How somebody logged in whose token it will be. */
type Login = Pick<ClaimsSession, "clientId" | "amr">;

export interface ClaimsMaker {
  /**
   * What is to be added to a token of this account. Undefined: there is no such active account.
   *
   * @throws ServiceError `unavailable` when the app does not say
   */
  make(userId: string, login: Login): Promise<MadeClaims | undefined>;
}

/** What the claims are made of: read at once. */
export interface DescribedAccount {
  readonly account: ClaimsAccount;
  readonly version: number;
  readonly secondFactor: boolean;
}

export interface ClaimsMakerOptions {
  readonly ask: ClaimsFunction;
  readonly names: readonly string[];
  /** An active account. */
  readonly find: (userId: string) => Promise<DescribedAccount | undefined>;
  /** @default none */
  readonly rolesWithSecondFactor?: ReadonlySet<string> | undefined;
  /** Hears why there was no token. */
  readonly onError: (error: unknown) => void;
  readonly timeLimitMs?: number | undefined;
}

export function createClaimsMaker(options: ClaimsMakerOptions): ClaimsMaker {
  const { ask, names, find, onError, timeLimitMs = appTimeLimitMs } = options;
  const allowed = new Set(names);

  return {
    async make(userId, { clientId, amr }) {
      const found = await find(userId);
      if (found === undefined) return undefined;
      const session = { clientId, amr, factors: factorsOf(amr) };
      // As the token will have them.
      const roles = rolesOfSession(found.account.roles, { amr, secondFactor: found.secondFactor }, options);
      const account = { ...found.account, roles };
      try {
        const said = await inTime("claims", timeLimitMs, async (signal) => ask(account, session, signal));
        const claims = accept(said, allowed);
        return { account, session, claims, accountVersion: found.version };
      } catch (cause) {
        onError(cause);
        throw new ServiceError("unavailable", { cause });
      }
    },
  };
}

/** A copy, which the app can change no more. @throws TypeError for what may not stand in a token */
function accept(said: unknown, allowed: ReadonlySet<string>): AddedClaims {
  if (!isPlainObject(said)) throw new TypeError("claims must give an object");
  const entries = Object.entries(said).filter(([, value]) => value !== undefined);
  const stranger = entries.find(([name]) => !allowed.has(name));
  if (stranger !== undefined)
    throw new TypeError(`claims gave ${JSON.stringify(stranger[0])}, which is not among claimNames`);
  const claims = Object.fromEntries(entries);
  const fault = jsonFault(claims, limits);
  if (fault !== undefined) throw new TypeError(`what claims gives ${fault}`);
  return JSON.parse(JSON.stringify(claims)) as AddedClaims;
}
