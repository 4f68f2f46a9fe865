// Second step: the auth server issues the tokens from now on, and the old ones are good until they expire. Nobody logs in twice.
import jwt from "@countersign/token/jsonwebtoken";
import {
  AccessError,
  type AccessVerifier,
  type Authenticator,
  type Identity,
  identityOf,
  identityOfSession,
} from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/express";
import express, { type Express } from "express";
import type { IncomingMessage } from "node:http";

export function createApp(verifier: AccessVerifier, secret: string): Express {
  const guard = createGuard(acceptOldTokensToo(verifier, secret));
  const app = express();
  app.get("/orders", guard.required(), (request, response) => {
    response.json({ customer: identityOf(request).subject });
  });
  return app;
}

/** A guard asks anything that can tell an identity from credentials, so it may be two in a row. */
function acceptOldTokensToo(verifier: AccessVerifier, secret: string): Authenticator {
  return {
    now: verifier.now,
    async authenticate(credentials) {
      try {
        return await verifier.authenticate(credentials);
      } catch (error) {
        if (!(error instanceof AccessError && error.code === "token_invalid")) throw error;
        // The guard of Express hands over the request.
        return identityOfOldToken(credentials as IncomingMessage, secret);
      }
    },
  };
}

/** Who it is, and nothing more: no role, and a log-in that is too old for everything that asks how old it is. */
function identityOfOldToken({ headers }: IncomingMessage, secret: string): Identity {
  try {
    const token = headers.authorization?.slice("Bearer ".length) ?? "";
    const { sub, exp } = jwt.verify(token, secret, { algorithms: ["HS256"] }) as {
      sub: string;
      exp?: number;
    };
    // One that never expires would keep this step alive for ever.
    if (exp === undefined) throw new AccessError("token_invalid", { reason: "no_exp" });
    return identityOfSession({ userId: sub, sid: "before-the-move", roles: [], authTime: 0 });
  } catch (error) {
    throw new AccessError("token_invalid", { cause: error });
  }
}
