// Cookie sessions, the classic way: a random value in the browser, looked up at every request.
import { createHash } from "node:crypto";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { Origin } from "../database/audit-event.ts";
import { acrOf, type SessionGrant } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

export interface CookieSessions {
  /** Whose live session this value is. @throws StoreError when that cannot be told */
  identify(value: string): Promise<(SessionGrant & { readonly acr: string }) | undefined>;
  /** Ends the session of this value; an unknown or ended one is no error. */
  logout(value: string, origin: Origin): Promise<void>;
}

export function createCookieSessions(sessionStore: Pick<SessionStore, "use" | "close">): CookieSessions {
  return {
    async identify(value) {
      const grant = await sessionStore.use(hashOfSecret(value));
      return grant && { ...grant, acr: acrOf(grant.amr) };
    },
    logout: (value, origin) => sessionStore.close(hashOfSecret(value), origin),
  };
}

/** The value of a new cookie: 256 random bits. */
export function newCookieSecret(randomBytes: RandomBytes = systemRandomBytes): string {
  return Buffer.from(randomBytes(32)).toString("base64url");
}

/** A fast hash is enough: 256 random bits cannot be guessed (ASVS 6.5.2). */
export function hashOfSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
