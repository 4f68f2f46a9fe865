/** The load: `GET /posts` by those whose sessions are in use, each with a cookie or a token. */
import { createSigner, secretKey } from "@countersign/token";
import { randomBytes } from "node:crypto";
import { carryOut, type LoadPace } from "../http/steady-load.ts";
import { type LiveSession, liveSessionsInUse } from "./live-sessions.ts";
import type { InstanceOrder } from "./server.ts";

export interface LoadOrder extends LoadPace, Omit<InstanceOrder, "databaseUrl"> {
  readonly ports: readonly number[];
}

carryOut((order: LoadOrder) => {
  const credentialOf = order.method === "token" ? bearer(order) : cookie;
  const requests = liveSessionsInUse(order.seed, order.sessions).map(
    (session) => `GET /posts HTTP/1.1\r\nHost: 127.0.0.1\r\n${credentialOf(session)}\r\n\r\n`,
  );
  return { ...order, requests };
});

function cookie({ cookie: value }: LiveSession): string {
  return `Cookie: __Host-session=${value}`;
}

/** The claims of a real access token. */
function bearer({ issuer, secret }: LoadOrder): (session: LiveSession) => string {
  const key = secretKey("HS256", Buffer.from(secret, "base64url"));
  const sign = createSigner({ key, type: "at+jwt", issuer, audience: issuer, lifetimeSeconds: 3600 });
  return ({ userId, sid }) =>
    `Authorization: Bearer ${sign({
      sub: userId,
      sid,
      jti: randomBytes(16).toString("base64url"),
      client_id: "first-party",
      auth_time: Math.floor(Date.now() / 1000),
      amr: ["pwd"],
      roles: ["user"],
    })}`;
}
