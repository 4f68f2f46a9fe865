// A login whose session the browser carries as a cookie: a random value, looked up at every request.
import { hashOfSecret, newCookieSecret } from "../../sessions/cookie-sessions.ts";
import type { SessionStore } from "../../sessions/session-store.ts";
import type { Carrier } from "../finish.ts";

/**
 * Makes the carrier of one request. It gives the value of the new cookie: 256 random bits.
 * `previous` is what the browser sent as its session before; that session ends, and its value is never adopted.
 */
export type CookieCarrier = (previous: string | undefined) => Carrier<string>;

export interface CookieCarrierOptions {
  readonly sessionStore: Pick<SessionStore, "open">;
  readonly newSecret?: (() => string) | undefined;
}

export function createCookieCarrier(options: CookieCarrierOptions): CookieCarrier {
  const { sessionStore, newSecret = newCookieSecret } = options;
  return (previous) => async (session, origin) => {
    const secret = newSecret();
    const hashes = {
      secretHash: hashOfSecret(secret),
      replacesSecretHash: previous === undefined ? undefined : hashOfSecret(previous),
    };
    return (await sessionStore.open(hashes, session, origin)) === undefined ? undefined : secret;
  };
}
