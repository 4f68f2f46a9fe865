// Signing in and out: a session per login, an access token that names it, and its revocation at log-out.
import type { Revocation } from "@countersign/verifier";
import { randomBytes } from "node:crypto";
import { ServiceError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { Accounts } from "./accounts.ts";

export interface LoginInput {
  readonly email: string;
  readonly password: string;
  /** What the client calls itself: its `User-Agent`. */
  readonly device: string | undefined;
}

export interface SignIns {
  /** The access token of a new session. @throws ServiceError `invalid_credentials`, `busy` */
  login(input: LoginInput): Promise<{ readonly accessToken: string; readonly expiresInSeconds: number }>;
  /** Ends a session; its tokens are refused from here on. Doing it twice changes nothing. */
  logout(sid: string): Promise<void>;
}

export interface SignInsOptions {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly accessTokens: AccessTokens;
  /** Told of each revocation after its commit, before the log-out is acknowledged. */
  readonly revoke: (revocation: Revocation, seq: number) => void;
}

const maxDeviceLength = 256;

export function createSignIns({ store, accounts, accessTokens, revoke }: SignInsOptions): SignIns {
  return {
    async login({ email, password, device }) {
      const account = await accounts.authenticate(email, password);
      const sid = randomBytes(16).toString("base64url");
      const session = await store.sessions.open({
        id: sid,
        userId: account.id,
        device: device?.slice(0, maxDeviceLength) ?? null,
      });
      // The account was disabled while its password was checked.
      if (session === undefined) throw new ServiceError("invalid_credentials");
      const authTime = Math.floor(session.createdAtMs / 1000);
      const accessToken = accessTokens.issue({
        userId: account.id,
        sid,
        roles: account.roles,
        authTime,
        issuedAt: authTime,
      });
      return { accessToken, expiresInSeconds: accessTokens.lifetimeSeconds };
    },

    async logout(sid) {
      const entry = await store.sessions.end(sid, accessTokens.lifetimeSeconds);
      if (entry === undefined) return;
      revoke({ sid, tokens_before: entry.tokensBefore, expires_at: entry.expiresAt }, entry.seq);
    },
  };
}
