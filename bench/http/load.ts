/** The load, in a process of its own: `GET /posts` with tokens of one kind. */
import { createSigner, importPem, secretKey, type Signer } from "@countersign/token";
import { randomBytes } from "node:crypto";
import type { TokenKind } from "./cases.ts";
import { carryOut, type LoadPace } from "./steady-load.ts";
import type { Trust } from "./trust.ts";

export interface LoadOrder extends LoadPace {
  readonly port: number;
  readonly tokens: TokenKind;
  readonly token: string | undefined;
  readonly trust: Trust;
}

const recurringTokens = 500;
/** More than any server here answers requests, so that no fresh token is sent twice. */
const freshTokensPerSecond = { "fresh HS256": 60_000, "fresh ES256": 15_000 };

carryOut((order: LoadOrder) => ({ ...order, ports: [order.port], requests: makeRequests(order) }));

/** Each request as the text that goes over the wire. */
function makeRequests({ tokens, token, trust, warmUpMs, runMs }: LoadOrder): string[] {
  const head = "GET /posts HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  const withToken = (text: string): string => `${head}Authorization: Bearer ${text}\r\n\r\n`;
  if (tokens === "of the server") return [withToken(token ?? "")];
  const { issuer, audience } = trust;
  const key =
    tokens === "fresh ES256"
      ? importPem("ES256", trust.privatePem)
      : secretKey("HS256", Buffer.from(trust.secret, "base64url"));
  const sign = createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds: 3600 });
  const seconds = (warmUpMs + runMs) / 1000;
  const count =
    tokens === "recurring HS256" ? recurringTokens : Math.ceil(freshTokensPerSecond[tokens] * seconds);
  return Array.from({ length: count }, () => withToken(makeToken(sign)));
}

/** The claims of a real access token: about 370 bytes on the wire. */
function makeToken(sign: Signer): string {
  const id = (): string => randomBytes(16).toString("base64url");
  const authTime = Math.floor(Date.now() / 1000);
  return sign({
    sub: id(),
    jti: id(),
    sid: id(),
    client_id: "first-party",
    auth_time: authTime,
    amr: ["pwd"],
    roles: ["user"],
  });
}
