// What may be asked of a token from outside: to end it (RFC 7009) and whether it is alive (RFC
// 7662).
import type { AccessVerifier } from "@countersign/verifier";
import { createHash, timingSafeEqual } from "node:crypto";
import type { Origin } from "../database/audit-event.ts";
import { isOfStepUp } from "../sessions/renewal-preparation.ts";
import type { StoredSessions } from "../sessions/store.ts";
import type { RefreshTokens } from "./refresh-token.ts";

/** An access token that verifies; `undefined` for every other text. */
export type ReadAccessToken = (token: string) => Promise<ActiveAccessToken | undefined>;

export interface ActiveAccessToken {
  readonly subject: string;
  readonly sid: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

export type Introspection =
  | { readonly kind: "inactive" }
  | { readonly kind: "access_token"; readonly claims: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "refresh_token";
      readonly subject: string;
      readonly sid: string;
      readonly clientId: string;
    };

export interface TokenInspection {
  /**
   * Ends the session of an access or refresh token. Unknown, foreign and dead tokens are no error
   * (RFC 7009 §2.2).
   */
  revoke(token: string, origin: Origin): Promise<void>;
  introspect(token: string): Promise<Introspection>;
  /** Is this one of the callers that may introspect? Compared in constant time. */
  isCaller(clientId: string, secret: string): boolean;
}

export interface TokenInspectionOptions {
  readonly sessions: Pick<StoredSessions, "end" | "find">;
  readonly refreshTokens: RefreshTokens;
  /** Judges revocations too. */
  readonly readLive: ReadAccessToken;
  readonly callers: ReadonlyMap<string, string>;
}

export function createTokenInspection(options: TokenInspectionOptions): TokenInspection {
  const { sessions, refreshTokens, readLive, callers } = options;
  return {
    async revoke(token, origin) {
      const sid = refreshTokens.read(token)?.sid ?? (await readLive(token))?.sid;
      if (sid !== undefined) await sessions.end({ sid }, "revoked", origin);
    },

    async introspect(token) {
      const access = await readLive(token);
      if (access !== undefined) return { kind: "access_token", claims: access.claims };
      const refresh = refreshTokens.read(token);
      if (refresh === null) return { kind: "inactive" };
      const session = await sessions.find(refresh.sid);
      const { generation } = refresh;
      const isUsable =
        session?.live === true &&
        (generation === session.current ||
          generation === session.previous ||
          isOfStepUp(session, generation));
      if (!isUsable) return { kind: "inactive" };
      return { kind: "refresh_token", subject: session.userId, sid: refresh.sid, clientId: session.clientId };
    },

    isCaller(clientId, secret) {
      const expected = callers.get(clientId);
      // An unknown caller costs the same comparison.
      const matches = timingSafeEqual(digest(expected ?? "unknown caller"), digest(secret));
      return expected !== undefined && matches;
    },
  };
}

/** Reads an access token with the server's own verifier. */
export function createAccessTokenReader(verifier: AccessVerifier): ReadAccessToken {
  return async (token) => {
    try {
      const { subject, sessionId: sid, claims } = await verifier.authenticate(`Bearer ${token}`);
      return { subject, sid, claims: { ...claims } };
    } catch {
      // Whatever is wrong with it: it is not alive.
      return undefined;
    }
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
