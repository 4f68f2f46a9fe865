// The success of every endpoint that hands out tokens (RFC 6749 §5.1).
import type { TokenResponse } from "@countersign/client";
import type { FastifyReply } from "fastify";
import type { Tokens } from "./tokens.ts";

/** With `deviceToken` where somebody has shown their password or another proof. */
export function sendTokens(reply: FastifyReply, tokens: Tokens, deviceToken?: string): FastifyReply {
  const body: TokenResponse = {
    access_token: tokens.accessToken,
    token_type: "Bearer",
    expires_in: tokens.expiresInSeconds,
    refresh_token: tokens.refreshToken,
    ...(deviceToken !== undefined && { device_token: deviceToken }),
  };
  return reply.headers({ "cache-control": "no-store", pragma: "no-cache" }).send(body);
}
