// The one verifier of this process: it holds the keys, follows the revocations and remembers tokens.
import { createAccessVerifier } from "@countersign/verifier";
import process from "node:process";

const { ISSUER = "http://127.0.0.1:3001", AUDIENCE = "fetch-handlers" } = process.env;

/** Nothing is fetched before the first request, so a build that only loads this file asks nobody. */
export const verifier = createAccessVerifier({ issuer: ISSUER, audience: AUDIENCE });
