// Target: express-jwt, which guards Express routes with jsonwebtoken.
import { expressjwt } from "express-jwt";
import type { Request } from "express-jwt";
import type { Response } from "express";
import { jsonwebtokenKey, jsonwebtokenOptions } from "./jsonwebtoken.ts";
import { asksForMoreClaims, installedVersion, libraryTarget } from "./target.ts";
import type { Target } from "./target.ts";

export const expressJwt: Target = libraryTarget({
  name: "express-jwt",
  version: installedVersion("express-jwt"),
  algorithms: ["HS256", "RS256", "PS256", "ES256"],
  configuration: "`expressjwt` with `algorithms`, `issuer`, `audience`; the token comes through `getToken`",
  build: (setup) => {
    const secret = jsonwebtokenKey(setup);
    if (secret === undefined || asksForMoreClaims(setup)) return null;
    return (token) =>
      new Promise((resolve, reject) => {
        const options = jsonwebtokenOptions(setup);
        const { algorithms = [] } = options;
        const guard = expressjwt({ ...options, algorithms, secret, getToken: () => token });
        const request = { method: "GET", headers: {} } as Request;
        const next = (error?: unknown): void => {
          if (error === undefined) resolve(request.auth);
          else reject(error);
        };
        guard(request, {} as Response, next).catch(reject);
      });
  },
});
