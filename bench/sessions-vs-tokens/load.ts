/** The load: `GET /posts` by those whose sessions are in use, each with a cookie or a token. */
import { createSigner, secretKey } from "@countersign/token";
import { randomBytes } from "node:crypto";
import { answerQuestions } from "../answering-process.ts";
import { SteadyLoad } from "../steady-load.ts";
import { type LiveSession, liveSessionsInUse } from "./live-sessions.ts";
import type { InstanceOrder } from "./server.ts";

export interface LoadOrder extends Omit<InstanceOrder, "databaseUrl"> {
  readonly ports: readonly number[];
  readonly connections: number;
  readonly warmUpMs: number;
}

/** Has begun when the servers are warm. */
answerQuestions<null>(async (order: LoadOrder) => {
  const credentialOf = order.method === "token" ? bearer(order) : cookie;
  const requests = liveSessionsInUse(order.seed, order.sessions).map(
    (session) => `GET /posts HTTP/1.1\r\nHost: 127.0.0.1\r\n${credentialOf(session)}\r\n\r\n`,
  );
  const { ports, connections, warmUpMs } = order;
  const load = new SteadyLoad({ ports, requests, connections, staysAwake: false });
  await load.run(warmUpMs);
  return { started: null, answers: { run: (forMs: number) => load.run(forMs) } };
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
