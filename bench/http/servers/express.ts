/** Express: bare, with Countersign, with passport-jwt, with express-jwt. */
import { createAccessVerifier } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/express";
import express, { type RequestHandler } from "express";
import { expressjwt } from "express-jwt";
import type { AddressInfo } from "node:net";
import passport from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";
import { posts, type Trust } from "../trust.ts";
import { serve } from "./process.ts";

serve(async (trust, variant) => {
  const app = express();
  const guards = guardsOf(variant, trust);
  app.get("/posts", ...guards, (_request, response) => {
    response.json(posts);
  });
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as AddressInfo).port };
});

function guardsOf(variant: string, { issuer, audience, secret: text }: Trust): RequestHandler[] {
  const secret = Buffer.from(text, "base64url");
  switch (variant) {
    case "countersign":
      return [createGuard(createAccessVerifier({ issuer, audience, secret, revocations: null })).required()];
    case "passport-jwt": {
      const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken();
      const options = {
        jwtFromRequest,
        secretOrKey: secret,
        algorithms: ["HS256" as const],
        issuer,
        audience,
      };
      passport.use(new Strategy(options, (claims: object, done) => done(null, claims)));
      return [passport.authenticate("jwt", { session: false }) as RequestHandler];
    }
    case "express-jwt":
      return [expressjwt({ secret, algorithms: ["HS256"], issuer, audience })];
    default:
      return [];
  }
}
