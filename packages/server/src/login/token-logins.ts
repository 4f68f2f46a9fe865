// Signing in and out with tokens: a session per login, renewed by its refresh token until it ends.
import { ServiceError } from "../errors.ts";
import type { Origin } from "../audit/trail.ts";
import type { Device, SessionGrant } from "../sessions/rows.ts";
import type { SessionEntry } from "../sessions/store.ts";
import type { Store } from "../store.ts";
import type { AccessTokens } from "../tokens/access-tokens.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { SessionKeeper } from "./cookie-sessions.ts";
import type { RefreshTokens } from "../tokens/refresh-token.ts";
import type { RenewalPace } from "../tokens/renewal-rate-limit.ts";

export interface LoginInput {
  readonly email: string;
  readonly password: string;
  /** What the client calls itself: its `User-Agent`. */
  readonly userAgent: string | undefined;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

/** Whose session asks, and for which of the owner's sessions. */
export interface LogoutInput {
  readonly userId: string;
  readonly sid: string | undefined;
  readonly scope: "session" | "others" | "all";
}

export interface SignIns {
  /** @throws ServiceError `invalid_credentials`, `busy` */
  login(input: LoginInput, origin: Origin): Promise<Tokens>;
  /**
   * Exchanges a refresh token for its successor and a new access token.
   *
   * @throws ServiceError `invalid_grant`, `too_many_renewals`
   */
  renew(refreshToken: string, origin: Origin): Promise<Tokens>;
  /** When it returns, the tokens of the ended sessions are refused here. Doing it twice changes nothing. */
  logout(input: LogoutInput, origin: Origin): Promise<void>;
  /** The owner's live sessions, newest first. */
  sessions(userId: string): Promise<SessionEntry[]>;
  /** Ends one session of this owner. @throws ServiceError `not_found` */
  endSession(userId: string, sid: string, origin: Origin): Promise<void>;
}

export interface SignInsOptions {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly renewalPace: RenewalPace;
  /** Knows of cookie sessions that the store does not know of. */
  readonly keeper: SessionKeeper;
}

/** The client of log-ins at our own endpoint: the API's own front ends. */
export const firstPartyClientId = "first-party";
const maxUserAgentLength = 256;

/** Where a session is opened from, as its owner will see it. */
export function deviceOf(userAgent: string | undefined, origin: Origin): Device {
  return { userAgent: userAgent?.slice(0, maxUserAgentLength) ?? null, address: origin.address ?? null };
}

export function createSignIns(options: SignInsOptions): SignIns {
  const { store, accounts, accessTokens, refreshTokens, renewalPace, keeper } = options;

  function tokensOf(grant: SessionGrant, generation: number): Tokens {
    return {
      accessToken: accessTokens.issue(grant),
      refreshToken: refreshTokens.issue({ sid: grant.sid, generation }),
      expiresInSeconds: accessTokens.lifetimeSeconds,
    };
  }

  return {
    async login({ email, password, userAgent }, origin) {
      const { account, passwordVersion } = await accounts.authenticate(email, password);
      const session = await store.sessions.open(
        {
          userId: account.id,
          passwordVersion,
          carrier: { kind: "token" },
          device: deviceOf(userAgent, origin),
          amr: ["pwd"],
          clientId: firstPartyClientId,
        },
        origin,
      );
      // The account was disabled, or its password changed, while this one was checked.
      if (session.outcome === "refused") throw new ServiceError("invalid_credentials");
      return tokensOf(session.grant, 0);
    },

    async renew(text, origin) {
      const presented = refreshTokens.read(text);
      // Not written by this server: no session is looked up, let alone touched.
      if (presented === null) throw new ServiceError("invalid_grant");
      renewalPace.admit(presented);
      const renewal = await store.sessions.renew(presented, origin);
      if (renewal.outcome !== "renewed" && renewal.outcome !== "repeated")
        throw new ServiceError("invalid_grant");
      return tokensOf(renewal.grant, renewal.generation);
    },

    async logout({ userId, sid, scope }, origin) {
      if (scope === "session") {
        if (sid !== undefined && !keeper.end(userId, sid))
          await store.sessions.end({ sid, userId }, "logout", origin);
      } else {
        const keepSid = scope === "others" ? (sid ?? null) : null;
        keeper.endOthers(userId, keepSid);
        await store.sessions.endAll(userId, keepSid, "logout", origin);
      }
    },

    async sessions(userId) {
      return [...(await store.sessions.list(userId)), ...(await keeper.list(userId))].toSorted(
        (a, b) => b.openedAtMs - a.openedAtMs,
      );
    },

    async endSession(userId, sid, origin) {
      if (keeper.end(userId, sid)) return;
      const outcome = await store.sessions.end({ sid, userId }, "revoked", origin);
      if (outcome === "unknown") throw new ServiceError("not_found");
    },
  };
}
